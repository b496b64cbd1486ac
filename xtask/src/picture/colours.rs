//! What a terminal's colours look like in the picture.
//!
//! It is dark whatever page it stands on. The sixteen that a terminal lets its user choose are
//! chosen here so that each can be read on it.

use std::fmt;

use lease_terminal::Color;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rgb(u8, u8, u8);

pub(super) const PAPER: Rgb = Rgb(0x16, 0x1b, 0x22);
pub(super) const INK: Rgb = Rgb(0xd6, 0xdc, 0xe3);
/// Around it all, to be seen on a page as dark.
pub(super) const FRAME: Rgb = Rgb(0x48, 0x4f, 0x58);

const SIXTEEN: [Rgb; 16] = [
    Rgb(0x30, 0x36, 0x3d),
    Rgb(0xf4, 0x70, 0x67),
    Rgb(0x57, 0xc1, 0x6c),
    Rgb(0xd9, 0xa7, 0x3b),
    Rgb(0x60, 0xa5, 0xf5),
    Rgb(0xc5, 0x8a, 0xf0),
    Rgb(0x45, 0xbd, 0xc8),
    Rgb(0xc3, 0xca, 0xd2),
    Rgb(0x7d, 0x87, 0x92),
    Rgb(0xff, 0x93, 0x8a),
    Rgb(0x7e, 0xe0, 0x8f),
    Rgb(0xf0, 0xc6, 0x5c),
    Rgb(0x8d, 0xc2, 0xff),
    Rgb(0xdb, 0xb0, 0xff),
    Rgb(0x73, 0xdc, 0xe4),
    Rgb(0xff, 0xff, 0xff),
];

/// A terminal's colour, or what stands for its own.
pub(super) fn of(colour: Color, own: Rgb) -> Rgb {
    match colour {
        Color::Default => own,
        Color::Rgb(red, green, blue) => Rgb(red, green, blue),
        Color::Idx(index) => indexed(index),
    }
}

/// The colours of xterm: sixteen, a cube of six to each side, and greys.
fn indexed(index: u8) -> Rgb {
    match index {
        0..=15 => SIXTEEN[usize::from(index)],
        16..=231 => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let cube = index - 16;
            Rgb(level(cube / 36), level(cube / 6 % 6), level(cube % 6))
        }
        232..=255 => {
            let grey = 8 + 10 * (index - 232);
            Rgb(grey, grey, grey)
        }
    }
}

impl Rgb {
    /// Paler, as dim text is.
    pub(super) fn paler(self, paper: Rgb) -> Self {
        self.mixed(paper, 0.6)
    }

    /// So much of this colour, from 0 to 1, upon another.
    pub(super) fn mixed(self, other: Rgb, share: f64) -> Self {
        let mix = |own: u8, other: u8| {
            let mixed = f64::from(own) * share + f64::from(other) * (1.0 - share);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it lies between two bytes"
            )]
            let byte = mixed.round() as u8;
            byte
        };
        Self(
            mix(self.0, other.0),
            mix(self.1, other.1),
            mix(self.2, other.2),
        )
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_xterm() {
        let shown = |index| indexed(index).to_string();
        assert_eq!(shown(16), "#000000");
        assert_eq!(shown(196), "#ff0000");
        assert_eq!(shown(67), "#5f87af");
        assert_eq!(shown(231), "#ffffff");
        assert_eq!(shown(232), "#080808");
        assert_eq!(shown(255), "#eeeeee");
    }
}
