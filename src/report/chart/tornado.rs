//! What the blast radius depends on: a bar for each guess, from its mean where the guess is low to where it is high.

use super::axis::Axis;
use super::look;
use super::page::{self, BODY, SIDE, Sign, WIDTH};
use super::scene::{Align, Frame, Ink, Scene, at};
use crate::report::text::clean;
use crate::report::worlds::Drawn;
use crate::summary::worlds::{Figure, Swing};

const LABELS: f64 = 250.0;
const BETWEEN: f64 = 26.0;
const ROW: f64 = 21.0;
const BAR: f64 = 13.0;
/// The least width of half a bar that has room for its number.
const NUMBERED: f64 = 14.0;
/// Room for a figure at either end of a bar.
const FIGURE: f64 = 46.0;

/// The chart; `None` where nothing that was drawn matters.
pub fn scene(drawn: &Drawn, scenario: &str) -> Option<Scene> {
    let told = drawn.told();
    let all: Vec<Vec<Swing>> = told
        .iter()
        .map(|&s| drawn.worlds.swings(Figure::BlastRadius, s))
        .collect();
    let first = told.iter().position(|&s| !drawn.shown(s).is_empty())?;
    let rows: Vec<usize> = drawn.shown(told[first]).iter().map(|s| s.input).collect();
    let quantity = Figure::BlastRadius.quantity();
    let title = format!("{}: what the blast radius depends on", clean(scenario));
    let about = [format!(
        "Bars: the mean p99 of the blast radius over the quarter of {} worlds in which a guess is lowest, and over the one \
         in which it is highest; all other guesses vary, too. {} rollouts of each strategy in each world. Seed {}.",
        drawn.worlds.len(),
        drawn.runs,
        drawn.seed
    )];
    let (mut scene, y) = page::begin(&title, &about);
    let signs = [
        (
            Sign::Numbered(0, look::nth(0)),
            "the guess is low".to_owned(),
        ),
        (
            Sign::Numbered(1, look::nth(1)),
            "the guess is high".to_owned(),
        ),
    ];
    let top = page::legend(&mut scene, y, &signs) + 14.0;
    let left = SIDE + LABELS;
    let each = (WIDTH - SIDE - left) / told.len() as f64;
    let bars = top + 26.0;
    let bottom = bars + rows.len() as f64 * ROW;
    for (i, &input) in rows.iter().enumerate() {
        let middle = bars + (i as f64 + 0.5) * ROW;
        let name = clean(&drawn.inputs[input].name());
        let name = shortened_in_front(&name, LABELS - 14.0);
        scene.write(page::small(
            at(left - 8.0, middle),
            Align::End,
            &name,
            look::TEXT,
        ));
    }
    let most = all.iter().flatten().filter(|s| rows.contains(&s.input));
    let most = most.flat_map(|s| [s.low, s.high]).fold(0.01, f64::max);
    for (i, (&strategy, swings)) in told.iter().zip(&all).enumerate() {
        let from = left + i as f64 * each;
        let to = from + each - BETWEEN;
        let name = clean(&drawn.strategies[strategy]);
        scene.write(page::subheading(at(from, top + 14.0), &name, to - from));
        let axis = Axis::linear(quantity, most, from + FIGURE, to - FIGURE);
        page::grid_down(&mut scene, &axis, 44.0, (bars, bottom));
        page::ticks_below(&mut scene, &axis, 44.0, bottom + 10.0);
        for (row, &input) in rows.iter().enumerate() {
            if let Some(swing) = swings.iter().find(|s| s.input == input) {
                let middle = bars + (row as f64 + 0.5) * ROW;
                draw(&mut scene, &axis, middle, swing);
                let frame = Frame {
                    left: from,
                    top: middle - ROW / 2.0,
                    right: to,
                    bottom: middle + ROW / 2.0,
                };
                let told = format!(
                    ", {}: {} where it is low, {} where it is high",
                    drawn.inputs[input].name(),
                    quantity.text(swing.low),
                    quantity.text(swing.high)
                );
                scene.tell(frame, &drawn.strategies[strategy], told);
            }
        }
        scene.line(
            [at(axis.place(0.0), bars), at(axis.place(0.0), bottom)],
            page::HAIR,
            look::AXIS,
        );
    }
    let title = at(left + FIGURE, bottom + 28.0);
    let what = "mean p99 of the blast radius";
    scene.write(page::body(title, Align::Start, what, look::QUIET_TEXT));
    scene.height = (bottom + 28.0 + BODY + 6.0) as u32;
    Some(scene)
}

/// A bar in two halves, each with the colour and the figure of its end.
fn draw(scene: &mut Scene, axis: &Axis, middle: f64, swing: &Swing) {
    let quantity = Figure::BlastRadius.quantity();
    let (low, high) = (axis.place(swing.low), axis.place(swing.high));
    let half = f64::midpoint(low, high);
    let down = (middle - BAR / 2.0, middle + BAR / 2.0);
    let ink = |place: usize| -> Ink {
        let ink = look::nth(place);
        // What may be chance is pale.
        if swing.is_beyond_chance {
            ink
        } else {
            ink.pale(40)
        }
    };
    for (place, end) in [low, high].into_iter().enumerate() {
        let (from, to) = (end.min(half), end.max(half));
        page::block(scene, (from, to), down, ink(place));
        // Who prints in grey goes by the numbers; on a pale bar they could not be read.
        if swing.is_beyond_chance && to - from >= NUMBERED {
            page::write_number(scene, at(f64::midpoint(from, to), middle), place);
        }
    }
    let (left, right) = if low <= high {
        (swing.low, swing.high)
    } else {
        (swing.high, swing.low)
    };
    let ends = [
        (low.min(high) - 5.0, Align::End, left),
        (low.max(high) + 5.0, Align::Start, right),
    ];
    for (x, align, value) in ends {
        scene.write(page::small(
            at(x, middle),
            align,
            &quantity.text(value),
            look::TEXT,
        ));
    }
}

/// The end of a key says more than its beginning.
fn shortened_in_front(name: &str, room: f64) -> String {
    use super::font::{Weight, width};
    let mut cut = name;
    let fits = |text: &str| width(text, page::SMALL, Weight::Regular) <= room;
    if fits(cut) {
        return cut.to_owned();
    }
    while let Some((at, _)) = cut.char_indices().nth(1) {
        cut = &cut[at..];
        let text = format!("…{cut}");
        if fits(&text) {
            return text;
        }
    }
    cut.to_owned()
}
