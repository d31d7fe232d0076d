//! What all charts have in common: a heading, writing, bars, lines, legends.

use super::axis::Axis;
use super::font::{self, Weight};
use super::look::{self, Mark};
use super::scene::{Align, Frame, Ink, Item, Point, Scene, Text, at};
use crate::report::basis::{Basis, grouped};
use crate::report::text::{clean, shortened};
use crate::stats::Estimate;

/// Width of a chart, in pixels.
pub const WIDTH: f64 = 900.0;
/// Room at its sides.
pub const SIDE: f64 = 24.0;
/// Sizes of letters.
pub const TITLE: f64 = 17.0;
/// Of ordinary writing.
pub const BODY: f64 = 12.0;
/// Of figures beside bars.
pub const SMALL: f64 = 11.0;
/// Widths of lines, in pixels.
pub const HAIR: f64 = 1.0;
/// From the middle of letters to their baseline, in ems.
pub const MIDDLE: f64 = 0.36;

/// A chart with its heading, and where what it shows begins. Its height is still to be set.
pub fn begin(title: &str, about: &[String]) -> (Scene, f64) {
    let mut scene = Scene::new(WIDTH as u32, 0, title);
    let room = WIDTH - 2.0 * SIDE;
    scene.write(Text {
        text: shortened_to(title, TITLE, Weight::Bold, room),
        size: TITLE,
        weight: Weight::Bold,
        ..body(at(SIDE, 34.0), Align::Start, "", look::TEXT)
    });
    let mut y = 56.0;
    for paragraph in about {
        for line in font::wrap(paragraph, BODY, Weight::Regular, room) {
            let line = shortened_to(&line, BODY, Weight::Regular, room);
            scene.write(body(at(SIDE, y), Align::Start, &line, look::QUIET_TEXT));
            y += 17.0;
        }
    }
    (scene, y)
}

/// What figures rest on, in a sentence.
pub fn rests_on(basis: &Basis) -> String {
    format!(
        "{} rollouts of each strategy: {} fault-free, {} faulty. Seed {}.",
        grouped(basis.runs),
        grouped(basis.rollouts(false)),
        grouped(basis.rollouts(true)),
        basis.seed
    )
}

/// A text of ordinary size.
pub fn body(at: Point, align: Align, text: &str, ink: Ink) -> Text {
    Text {
        at,
        align,
        text: text.to_owned(),
        size: BODY,
        weight: Weight::Regular,
        ink,
    }
}

/// A small text whose letters have their middle at a place.
pub fn small(middle: Point, align: Align, text: &str, ink: Ink) -> Text {
    Text {
        size: SMALL,
        ..body(at(middle.x, middle.y + MIDDLE * SMALL), align, text, ink)
    }
}

/// The heading of a part of a chart, shortened to the room it has.
pub fn subheading(at: Point, text: &str, room: f64) -> Text {
    Text {
        weight: Weight::Bold,
        ..body(
            at,
            Align::Start,
            &shortened_to(text, BODY, Weight::Bold, room),
            look::TEXT,
        )
    }
}

/// As much of a text as goes into a width.
pub fn shortened_to(text: &str, size: f64, weight: Weight, most: f64) -> String {
    let mut short = text.to_owned();
    let mut columns = crate::report::text::width(text);
    while font::width(&short, size, weight) > most && columns > 2 {
        columns -= 1;
        short = shortened(text, columns);
    }
    short
}

/// A rectangle, from its left edge to its right one and from its top to its bottom.
pub fn block(scene: &mut Scene, across: (f64, f64), down: (f64, f64), ink: Ink) {
    scene.items.push(Item::Area {
        corners: vec![
            at(across.0, down.0),
            at(across.1, down.0),
            at(across.1, down.1),
            at(across.0, down.1),
        ],
        ink,
    });
}

/// An interval across, with caps.
pub fn whisker(scene: &mut Scene, from: f64, to: f64, y: f64, ink: Ink) {
    const CAP: f64 = 3.0;
    // An edge of paper sets it off from a dark bar.
    scene.line([at(from, y), at(to, y)], 2.75, look::PAPER);
    scene.line([at(from, y), at(to, y)], 1.25, ink);
    for x in [from, to] {
        scene.line([at(x, y - CAP), at(x, y + CAP)], 1.25, ink);
    }
}

/// The interval of a figure on a bar along an axis, where it has a width; the result is where bar and interval end.
pub fn interval(scene: &mut Scene, axis: &Axis, estimate: Estimate, middle: f64) -> f64 {
    let end = axis.place(estimate.value);
    if estimate.high <= estimate.low || estimate.high == f64::INFINITY {
        return end;
    }
    let (low, high) = (axis.place(estimate.low), axis.place(estimate.high));
    whisker(scene, low, high, middle, look::TEXT);
    end.max(high)
}

/// The corners of a line that keeps each value until the next; no three of them lie on one level.
pub fn steps(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut steps: Vec<Point> = Vec::new();
    for point in points {
        let last = steps.len().wrapping_sub(1);
        match *steps.as_slice() {
            [] => steps.push(point),
            // As long as nothing changes a step only grows.
            [.., a, b] if a.y == b.y => steps[last].x = point.x,
            [.., b] => steps.push(at(point.x, b.y)),
        }
        if steps[steps.len() - 1].y != point.y {
            steps.push(point);
        }
    }
    steps
}

/// Lines down at the figures that an axis names, no nearer than so many pixels.
pub fn grid_down(scene: &mut Scene, axis: &Axis, apart: f64, down: (f64, f64)) {
    for tick in axis.ticks(apart) {
        let ends = [at(tick.place, down.0), at(tick.place, down.1)];
        scene.line(ends, HAIR, look::GRID);
    }
}

/// What an axis across names, at a height.
pub fn ticks_below(scene: &mut Scene, axis: &Axis, apart: f64, y: f64) {
    for tick in axis.ticks(apart) {
        let below = at(tick.place, y);
        scene.write(small(below, Align::Middle, &tick.text, look::QUIET_TEXT));
    }
}

/// Lines across at the figures that an axis up names, and these before them.
pub fn grid_across(scene: &mut Scene, axis: &Axis, apart: f64, across: (f64, f64), named: bool) {
    for tick in axis.ticks(apart) {
        let y = tick.place;
        scene.line([at(across.0, y), at(across.1, y)], HAIR, look::GRID);
        if named {
            let beside = at(across.0 - 7.0, y);
            scene.write(small(beside, Align::End, &tick.text, look::QUIET_TEXT));
        }
    }
}

/// Room for the names of rows.
pub const LABELS: f64 = 190.0;

/// The name of a row whose figures begin behind [`LABELS`].
pub fn label_row(scene: &mut Scene, name: &str, middle: f64) {
    let name = shortened_to(&clean(name), SMALL, Weight::Regular, LABELS - 14.0);
    let label = at(SIDE + LABELS - 8.0, middle);
    scene.write(small(label, Align::End, &name, look::TEXT));
}

/// A row from one side of the chart to the other.
pub fn row(middle: f64, height: f64) -> Frame {
    Frame::around(at(WIDTH / 2.0, middle), WIDTH / 2.0 - SIDE, height / 2.0)
}

/// How a line is drawn, so that lines differ without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stroke(&'static [u8]);

/// Lengths of strokes and gaps, in pixels.
const STROKES: [&[u8]; 5] = [&[], &[7, 4], &[2, 3], &[10, 3, 2, 3], &[14, 5]];

impl Stroke {
    /// Of the thing at this place in a list.
    pub fn of(place: usize) -> Stroke {
        Stroke(STROKES[place % STROKES.len()])
    }

    /// Draws a line through some places.
    pub fn draw(self, scene: &mut Scene, through: &[Point], width: f64, ink: Ink) {
        if self.0.is_empty() {
            scene.line(through, width, ink);
            return;
        }
        let (mut piece, mut on) = (0, true);
        let mut left = f64::from(self.0[0]);
        let mut drawn: Vec<Point> = through.first().copied().into_iter().collect();
        for ends in through.windows(2) {
            let (mut from, to) = (ends[0], ends[1]);
            loop {
                let length = libm::hypot(to.x - from.x, to.y - from.y);
                if length <= left {
                    left -= length;
                    drawn.push(to);
                    break;
                }
                let share = left / length;
                from = at(
                    from.x + share * (to.x - from.x),
                    from.y + share * (to.y - from.y),
                );
                drawn.push(from);
                if on {
                    scene.line(std::mem::take(&mut drawn), width, ink);
                }
                drawn = vec![from];
                on = !on;
                piece = (piece + 1) % self.0.len();
                left = f64::from(self.0[piece]);
            }
        }
        if on && drawn.len() > 1 {
            scene.line(drawn, width, ink);
        }
    }
}

/// A sign in a legend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sign {
    /// A filled square.
    Square(Ink),
    /// A filled square with the number of a thing, from 0.
    Numbered(usize, Ink),
    /// A line with a marker on it.
    Line(Mark, Stroke),
    /// A plain line.
    Plain(Ink),
}

/// Draws signs with what they mean, in as many rows as they need; the result is where they end.
pub fn legend(scene: &mut Scene, top: f64, entries: &[(Sign, String)]) -> f64 {
    const ROW: f64 = 20.0;
    let (mut x, mut y) = (SIDE, top + ROW / 2.0);
    for (sign, meaning) in entries {
        let sign_width = match sign {
            Sign::Square(_) | Sign::Numbered(..) => 14.0,
            Sign::Line(..) | Sign::Plain(_) => 28.0,
        };
        let meaning = shortened_to(meaning, BODY, Weight::Regular, WIDTH / 2.0);
        let width = sign_width + 6.0 + font::width(&meaning, BODY, Weight::Regular);
        if x > SIDE && x + width > WIDTH - SIDE {
            (x, y) = (SIDE, y + ROW);
        }
        match *sign {
            Sign::Square(ink) => block(scene, (x, x + 14.0), (y - 6.5, y + 6.5), ink),
            Sign::Numbered(n, ink) => {
                block(scene, (x, x + 14.0), (y - 6.5, y + 6.5), ink);
                write_number(scene, at(x + 7.0, y), n);
            }
            Sign::Line(mark, stroke) => {
                stroke.draw(scene, &[at(x, y), at(x + 28.0, y)], 2.0, mark.ink);
                mark.draw(scene, at(x + 14.0, y));
            }
            Sign::Plain(ink) => scene.line([at(x, y), at(x + 28.0, y)], 2.0, ink),
        }
        let baseline = at(x + sign_width + 6.0, y + MIDDLE * BODY);
        scene.write(body(baseline, Align::Start, &meaning, look::TEXT));
        x += width + 20.0;
    }
    if entries.is_empty() {
        top
    } else {
        y + ROW / 2.0
    }
}

/// A bar of parts, each with its colour and, where there is room, its number: from where and to where they reach, and
/// from where on the bar is covered (by an interval).
pub fn stack(scene: &mut Scene, parts: &[Part], middle: f64, height: f64, covered: f64) {
    const LEAST: f64 = 12.0;
    for part in parts.iter().filter(|p| p.to > p.from) {
        // A gap of paper between neighbours, where there is room for one.
        let gap = if part.to - part.from > 3.0 { 0.75 } else { 0.0 };
        let down = (middle - height / 2.0, middle + height / 2.0);
        block(scene, (part.from, part.to - gap), down, part.ink);
        let free = part.to.min(covered - 1.0);
        if free - part.from > LEAST {
            write_number(scene, at((part.from + free) / 2.0, middle), part.number);
        }
    }
}

/// A part of a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Left edge, in pixels.
    pub from: f64,
    /// Right edge.
    pub to: f64,
    /// Its number, from 0.
    pub number: usize,
    /// Its colour.
    pub ink: Ink,
}

/// Parts of a bar that lie one after the other on an axis, with their numbers and colours.
pub fn parts(axis: &Axis, parts: impl Iterator<Item = (f64, usize, Ink)>) -> Vec<Part> {
    let mut sum = 0.0;
    let part = |(size, number, ink)| {
        let from = axis.place(sum);
        sum += size;
        Part {
            from,
            to: axis.place(sum),
            number,
            ink,
        }
    };
    parts.map(part).collect()
}

/// The number of a thing (from 0), on its colour.
pub fn write_number(scene: &mut Scene, middle: Point, n: usize) {
    let number = (n + 1).to_string();
    scene.write(Text {
        weight: Weight::Bold,
        ..small(middle, Align::Middle, &number, look::PAPER)
    });
}

#[cfg(test)]
pub(super) mod check {
    use super::super::paint;
    use super::super::scene::Frame;
    use super::super::theme::Theme;
    use super::*;

    /// Names of strategies, short and long.
    pub const NAMES: [&str; 12] = [
        "waves",
        "all at once",
        "one region at a time, a name that is too long for most places",
        "short bakes",
        "long bakes",
        "zone-blind waves with a long name",
        "tenths",
        "a <b> & \"c\"",
        "two waves",
        "three waves",
        "patient first wave",
        "the last one, which also has a rather long name",
    ];

    /// Every text is on the page and covers no other. Where `LANDFALL_LOOK` names a folder the pictures are left there,
    /// to be looked at.
    pub fn is_legible(name: &str, scene: &Scene) {
        let page = Frame {
            left: 0.0,
            top: 0.0,
            right: f64::from(scene.width),
            bottom: f64::from(scene.height),
        };
        let texts: Vec<&Text> = scene.texts().filter(|t| t.ink != look::PAPER).collect();
        for (i, text) in texts.iter().enumerate() {
            let (frame, text) = (text.frame(), &text.text);
            assert!(
                page.holds(&frame),
                "{name}: {text:?} leaves the page: {frame:?}"
            );
            for other in &texts[..i] {
                let both = (text, &other.text);
                assert!(!frame.overlaps(&other.frame()), "{name}: {both:?}");
            }
        }
        let images = paint(scene, Theme::Light).unwrap();
        assert!(images.png.len() < 1_000_000, "{name}: {}", images.png.len());
        assert!(images.svg.len() < 600_000, "{name}: {}", images.svg.len());
        if let Some(folder) = std::env::var_os("LANDFALL_LOOK") {
            let folder = std::path::PathBuf::from(folder);
            std::fs::write(folder.join(format!("{name}.svg")), images.svg).unwrap();
            std::fs::write(folder.join(format!("{name}.png")), images.png).unwrap();
            for (theme, of) in [(Theme::Dark, "dark"), (Theme::Print, "print")] {
                let png = paint(scene, theme).unwrap().png;
                std::fs::write(folder.join(format!("{name}-{of}.png")), png).unwrap();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_has_strokes_and_gaps() {
        let mut scene = Scene::new(100, 10, "");
        Stroke(&[7, 4]).draw(
            &mut scene,
            &[at(0.0, 0.0), at(5.0, 0.0), at(20.0, 0.0)],
            1.0,
            look::TEXT,
        );
        let lines: Vec<Vec<f64>> = scene
            .items
            .iter()
            .map(|item| match item {
                Item::Line { through, .. } => through.iter().map(|p| p.x).collect(),
                _ => panic!("only lines are drawn"),
            })
            .collect();
        assert_eq!(lines, [vec![0.0, 5.0, 7.0], vec![11.0, 18.0]]);
    }

    #[test]
    fn a_legend_takes_the_rows_it_needs() {
        let mut scene = Scene::new(WIDTH as u32, 200, "");
        let entries: Vec<(Sign, String)> = (0..12)
            .map(|i| {
                (
                    Sign::Numbered(i, look::nth(i)),
                    format!("a fault of the kind {i}"),
                )
            })
            .collect();
        let bottom = legend(&mut scene, 10.0, &entries);
        assert_eq!(bottom, 70.0);
        check::is_legible("legend", &scene);
        assert_eq!(legend(&mut scene, 10.0, &[]), 10.0);
    }
}
