//! A terminal's screen as a drawing.
//!
//! Nobody knows which font will show it. Each piece of text has its place and its length, so that
//! columns stand under each other in any; what is made of blocks is drawn instead of written, since
//! fonts leave gaps between them.

use std::fmt::Write as _;
use std::ops::Range;

use lease_terminal::{Cell, Screen};

use super::blocks;
use super::colours::{self, Rgb};

/// A cell's width, which is that of common fonts at this size, so that little is stretched; and its
/// height.
const CELL: (f64, f64) = (8.43, 19.0);
const FONT_SIZE: f64 = 14.0;
/// From the top of a cell to the line on which letters stand.
const BASELINE: f64 = 14.0;
const PADDING: f64 = 14.0;

/// How text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Style {
    ink: Rgb,
    paper: Rgb,
    is_bold: bool,
    is_italic: bool,
    is_underlined: bool,
}

/// Text of one look that stands in these columns.
#[derive(Clone, Debug, PartialEq)]
struct Piece {
    columns: Range<u16>,
    style: Style,
    text: String,
}

/// The whole drawing; the title is what it is called where it cannot be seen.
pub(super) fn draw(screen: &Screen, title: &str) -> String {
    let (lines, columns) = screen.size();
    let width = f64::from(columns.get()) * CELL.0 + 2.0 * PADDING;
    let height = f64::from(lines.get()) * CELL.1 + 2.0 * PADDING;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width:.0}\" \
         height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" font-size=\"{FONT_SIZE}\" \
         font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', \
         monospace\">\n\
         <title>{}</title>\n\
         <rect x=\"0.5\" y=\"0.5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"8\" fill=\"{}\" \
         stroke=\"{}\"/>\n\
         <g transform=\"translate({PADDING} {PADDING})\" fill=\"{}\" xml:space=\"preserve\">\n",
        escaped(title),
        width - 1.0,
        height - 1.0,
        colours::PAPER,
        colours::FRAME,
        colours::INK,
    );
    for line in 0..lines.get() {
        let top = f64::from(line) * CELL.1;
        let cells = cells(screen, line, columns.get());
        for paper in papers(&cells) {
            draw_paper(&mut svg, &paper, top);
        }
        for piece in pieces(&cells) {
            match blocks::of(&piece.text) {
                Some(areas) => draw_block(&mut svg, &piece, &areas, top),
                None => draw_text(&mut svg, &piece, top),
            }
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// A line as pieces of one character each; blanks are empty.
fn cells(screen: &Screen, line: u16, columns: u16) -> Vec<Piece> {
    let mut cells: Vec<Piece> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(line, column) else {
            continue;
        };
        match cells.last_mut() {
            Some(wide) if cell.is_wide_continuation() => wide.columns.end = column + 1,
            _ => cells.push(Piece {
                columns: column..column + 1,
                style: style(cell),
                text: cell.contents().trim().to_owned(),
            }),
        }
    }
    cells
}

fn style(cell: &Cell) -> Style {
    let mut ink = colours::of(cell.fgcolor(), colours::INK);
    let mut paper = colours::of(cell.bgcolor(), colours::PAPER);
    if cell.inverse() {
        (ink, paper) = (paper, ink);
    }
    if cell.dim() {
        ink = ink.paler(paper);
    }
    Style {
        ink,
        paper,
        is_bold: cell.bold(),
        is_italic: cell.italic(),
        is_underlined: cell.underline(),
    }
}

/// Neighbours with the same colour behind them, where it is not the drawing's own.
fn papers(cells: &[Piece]) -> Vec<Piece> {
    let coloured = cells
        .iter()
        .filter(|cell| cell.style.paper != colours::PAPER);
    joined(coloured, |before, cell| {
        before.columns.end == cell.columns.start && before.style.paper == cell.style.paper
    })
}

/// Text of one look, with single blanks in it. What is wide, or a block, stays alone.
fn pieces(cells: &[Piece]) -> Vec<Piece> {
    let written = cells.iter().filter(|cell| !cell.text.is_empty());
    let is_alone = |cell: &Piece| cell.columns.len() > 1 || blocks::of(&cell.text).is_some();
    joined(written, |before, cell| {
        let is_near = cell.columns.start - before.columns.end <= 1;
        let last = cell_at(cells, before.columns.end - 1);
        is_near && before.style == cell.style && !is_alone(cell) && !is_alone(last)
    })
}

/// The cell that covers a column.
fn cell_at(cells: &[Piece], column: u16) -> &Piece {
    let covers = |cell: &&Piece| cell.columns.contains(&column);
    cells.iter().find(covers).expect("cells cover the line")
}

fn joined<'a>(
    pieces: impl Iterator<Item = &'a Piece>,
    belongs: impl Fn(&Piece, &Piece) -> bool,
) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::new();
    for piece in pieces {
        match joined.last_mut() {
            Some(before) if belongs(before, piece) => {
                let gap = usize::from(piece.columns.start - before.columns.end);
                before.text.extend(std::iter::repeat_n(' ', gap));
                before.text.push_str(&piece.text);
                before.columns.end = piece.columns.end;
            }
            _ => joined.push(piece.clone()),
        }
    }
    joined
}

fn draw_paper(svg: &mut String, paper: &Piece, top: f64) {
    push_rect(svg, across(paper), (top, CELL.1), paper.style.paper);
}

/// Fills parts of a cell, which are given in fractions of it.
fn draw_block(svg: &mut String, piece: &Piece, areas: &[blocks::Area], top: f64) {
    let (left, width) = across(piece);
    for area in areas {
        let across = (left + area.left * width, area.width * width);
        let down = (top + area.top * CELL.1, area.height * CELL.1);
        push_rect(
            svg,
            across,
            down,
            piece.style.ink.mixed(piece.style.paper, area.ink),
        );
    }
}

fn draw_text(svg: &mut String, piece: &Piece, top: f64) {
    let (left, width) = across(piece);
    let Style {
        ink,
        paper: _,
        is_bold,
        is_italic,
        is_underlined,
    } = piece.style;
    let mut looks = String::new();
    if ink != colours::INK {
        let _ = write!(looks, " fill=\"{ink}\"");
    }
    for (is_so, look) in [
        (is_bold, " font-weight=\"bold\""),
        (is_italic, " font-style=\"italic\""),
        (is_underlined, " text-decoration=\"underline\""),
    ] {
        looks.push_str(if is_so { look } else { "" });
    }
    let _ = writeln!(
        svg,
        "<text x=\"{left:.2}\" y=\"{:.0}\" textLength=\"{width:.2}\" \
         lengthAdjust=\"spacingAndGlyphs\"{looks}>{}</text>",
        top + BASELINE,
        escaped(&piece.text),
    );
}

/// Where a piece begins, and how wide it is.
fn across(piece: &Piece) -> (f64, f64) {
    let left = f64::from(piece.columns.start) * CELL.0;
    (left, f64::from(piece.columns.end) * CELL.0 - left)
}

fn push_rect(svg: &mut String, (left, width): (f64, f64), (top, height): (f64, f64), fill: Rgb) {
    let _ = writeln!(
        svg,
        "<rect x=\"{left:.2}\" y=\"{top:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" \
         fill=\"{fill}\" shape-rendering=\"crispEdges\"/>",
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;

    use super::*;

    /// What is drawn of two lines of twenty columns, after the frame.
    fn drawn(text: &str) -> Vec<String> {
        let [lines, columns] = [2, 20].map(|count| NonZero::new(count).unwrap());
        let mut parser = vt100::Parser::new(lines, columns, 0);
        parser.process(text.as_bytes());
        let svg = draw(parser.screen(), "a & b");
        assert!(svg.contains("<title>a &amp; b</title>"), "{svg}");
        let rest = svg.split_once("\"preserve\">\n").unwrap().1;
        let rest = rest.strip_suffix("</g>\n</svg>\n").unwrap();
        rest.lines().map(ToOwned::to_owned).collect()
    }

    fn text(column: u16, top: &str, columns: u16, looks: &str, text: &str) -> String {
        let [x, length] = [column, columns].map(|count| f64::from(count) * CELL.0);
        format!(
            "<text x=\"{x:.2}\" y=\"{top}\" textLength=\"{length:.2}\" \
             lengthAdjust=\"spacingAndGlyphs\"{looks}>{text}</text>"
        )
    }

    #[test]
    fn text_keeps_its_columns() {
        assert_eq!(
            drawn("  a b  <c>\r\nd"),
            [
                text(2, "14", 3, "", "a b"),
                text(7, "14", 3, "", "&lt;c&gt;"),
                text(0, "33", 1, "", "d"),
            ]
        );
    }

    #[test]
    fn a_wide_character_fills_two_columns_and_what_stands_upon_one_none() {
        assert_eq!(
            drawn("a主b e\u{301}f"),
            [
                text(0, "14", 1, "", "a"),
                text(1, "14", 2, "", "主"),
                text(3, "14", 4, "", "b e\u{301}f"),
            ]
        );
    }

    #[test]
    fn looks_are_kept() {
        let red = colours::of(lease_terminal::Color::Idx(1), colours::INK);
        let pale = colours::INK.paler(colours::PAPER);
        assert_eq!(
            drawn("\u{1b}[1;31mx\u{1b}[0;2my\u{1b}[0;3;4mz"),
            [
                text(
                    0,
                    "14",
                    1,
                    &format!(" fill=\"{red}\" font-weight=\"bold\""),
                    "x"
                ),
                text(1, "14", 1, &format!(" fill=\"{pale}\""), "y"),
                text(
                    2,
                    "14",
                    1,
                    " font-style=\"italic\" text-decoration=\"underline\"",
                    "z"
                ),
            ]
        );
        let [reversed, ink] = &drawn("\u{1b}[7ma \u{1b}[0m")[..] else {
            panic!("a blank is reversed too, as one piece");
        };
        let across = format!("x=\"0.00\" y=\"0.00\" width=\"{:.2}\"", 2.0 * CELL.0);
        assert!(reversed.contains(&across), "{reversed}");
        assert!(reversed.contains(&format!("fill=\"{}\"", colours::INK)));
        assert!(ink.contains(&format!("fill=\"{}\"", colours::PAPER)));
    }

    #[test]
    fn blocks_are_drawn_where_they_are() {
        let drawn = drawn("a▌▂");
        assert_eq!(drawn[0], text(0, "14", 1, "", "a"));
        let (half, quarter) = (CELL.0 / 2.0, CELL.1 / 4.0);
        let across = format!("x=\"{:.2}\" y=\"0.00\" width=\"{half:.2}\"", CELL.0);
        assert!(drawn[1].contains(&across), "{drawn:?}");
        let down = format!("y=\"{:.2}\"", CELL.1 - quarter);
        assert!(drawn[2].contains(&down), "{drawn:?}");
        assert!(drawn[2].contains(&format!("height=\"{quarter:.2}\"")));
        assert_eq!(drawn.len(), 3);
    }
}
