//! Characters that fill parts of their cell, by what they fill (Unicode, Block Elements).

/// A part of a cell, in fractions of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    /// How much of the ink covers it; less than all for the shades.
    pub(super) ink: f64,
}

const ALL: Area = Area {
    left: 0.0,
    top: 0.0,
    width: 1.0,
    height: 1.0,
    ink: 1.0,
};

/// What a character fills; none where it is to be written.
pub(super) fn of(text: &str) -> Option<Vec<Area>> {
    let mut characters = text.chars();
    let (Some(only), None) = (characters.next(), characters.next()) else {
        return None;
    };
    let eighths = |first: char| f64::from(u32::from(only) - u32::from(first) + 1) / 8.0;
    let lower = |height: f64| Area {
        top: 1.0 - height,
        height,
        ..ALL
    };
    let quadrants = |corners: &[(f64, f64)]| {
        let quadrant = |&(left, top): &(f64, f64)| Area {
            left,
            top,
            width: 0.5,
            height: 0.5,
            ink: 1.0,
        };
        corners.iter().map(quadrant).collect()
    };
    let (upper_left, upper_right, lower_left, lower_right) =
        ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5));
    let area = match only {
        '▀' => Area { height: 0.5, ..ALL },
        '▁'..='█' => lower(eighths('▁')),
        '▉'..='▏' => Area {
            width: f64::from(u32::from('▏') - u32::from(only) + 1) / 8.0,
            ..ALL
        },
        '▐' => Area {
            left: 0.5,
            width: 0.5,
            ..ALL
        },
        '░'..='▓' => Area {
            ink: f64::from(u32::from(only) - u32::from('░') + 1) / 4.0,
            ..ALL
        },
        '▔' => Area {
            height: 0.125,
            ..ALL
        },
        '▕' => Area {
            left: 0.875,
            width: 0.125,
            ..ALL
        },
        '▖' => return Some(quadrants(&[lower_left])),
        '▗' => return Some(quadrants(&[lower_right])),
        '▘' => return Some(quadrants(&[upper_left])),
        '▙' => return Some(quadrants(&[upper_left, lower_left, lower_right])),
        '▚' => return Some(quadrants(&[upper_left, lower_right])),
        '▛' => return Some(quadrants(&[upper_left, upper_right, lower_left])),
        '▜' => return Some(quadrants(&[upper_left, upper_right, lower_right])),
        '▝' => return Some(quadrants(&[upper_right])),
        '▞' => return Some(quadrants(&[upper_right, lower_left])),
        '▟' => return Some(quadrants(&[upper_right, lower_left, lower_right])),
        _ => return None,
    };
    Some(vec![area])
}
