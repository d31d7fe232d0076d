//! One visual language for all charts: colours and shapes that tell strategies apart, for the colour-blind as well.

use super::scene::{Ink, Item, Point, Scene, at};

/// Of writing.
pub const TEXT: Ink = Ink(33, 37, 41);
/// Of writing that explains.
pub const QUIET_TEXT: Ink = Ink(90, 98, 104);
/// Of axes.
pub const AXIS: Ink = Ink(134, 142, 150);
/// Of lines behind the figures.
pub const GRID: Ink = Ink(230, 232, 235);
/// Of paper.
pub const PAPER: Ink = Ink(255, 255, 255);

/// Colours that stay apart under the common kinds of colour blindness (after Okabe and Ito, without yellow, which is
/// too pale on white).
const COLORS: [Ink; 7] = [
    Ink(0, 114, 178),
    Ink(213, 94, 0),
    Ink(0, 158, 115),
    Ink(204, 121, 167),
    Ink(230, 159, 0),
    Ink(86, 180, 233),
    Ink(60, 60, 60),
];

/// Radius of a marker, in pixels.
pub const MARKER: f64 = 6.5;

/// How a strategy is shown: no two of the first 42 look the same, and no two of the first six have the same shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Its colour.
    pub ink: Ink,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Disc,
    /// This many corners, the first of them at this part of a turn from the top.
    Regular(u32, f64),
}

const SHAPES: [Shape; 6] = [
    Shape::Disc,
    Shape::Regular(4, 0.125),
    Shape::Regular(3, 0.0),
    Shape::Regular(4, 0.0),
    Shape::Regular(3, 0.5),
    Shape::Regular(5, 0.0),
];

impl Mark {
    /// Of the strategy at this place in the list.
    pub fn of(place: usize) -> Mark {
        Mark {
            ink: COLORS[place % COLORS.len()],
            shape: SHAPES[place % SHAPES.len()],
        }
    }

    /// Draws it, with a white edge that sets it off from what it covers.
    pub fn draw(self, scene: &mut Scene, middle: Point) {
        self.fill(scene, middle, MARKER + 1.5, PAPER);
        self.fill(scene, middle, MARKER, self.ink);
    }

    fn fill(self, scene: &mut Scene, middle: Point, radius: f64, ink: Ink) {
        scene.items.push(match self.shape {
            Shape::Disc => Item::Disc {
                middle,
                radius: radius * 0.92,
                ink,
            },
            Shape::Regular(corners, turn) => Item::Area {
                corners: polygon(middle, radius * 1.15, corners, turn),
                ink,
            },
        });
    }
}

fn polygon(middle: Point, radius: f64, corners: u32, turn: f64) -> Vec<Point> {
    let corner = |i: u32| {
        let angle = 2.0 * std::f64::consts::PI * (f64::from(i) / f64::from(corners) + turn);
        at(
            middle.x + radius * libm::sin(angle),
            middle.y - radius * libm::cos(angle),
        )
    };
    (0..corners).map(corner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_differ() {
        let marks: Vec<Mark> = (0..42).map(Mark::of).collect();
        for (i, a) in marks.iter().enumerate() {
            assert!(!marks[..i].contains(a), "{i}");
        }
        assert!((0..6).all(|i| (0..i).all(|j| marks[i].shape != marks[j].shape)));
    }

    /// Contrast as WCAG 2 defines it.
    fn contrast_on_white(ink: Ink) -> f64 {
        let linear = |channel: u8| {
            let x = f64::from(channel) / 255.0;
            if x <= 0.040_45 {
                x / 12.92
            } else {
                libm::pow((x + 0.055) / 1.055, 2.4)
            }
        };
        let luminance = 0.2126 * linear(ink.0) + 0.7152 * linear(ink.1) + 0.0722 * linear(ink.2);
        1.05 / (luminance + 0.05)
    }

    #[test]
    fn writing_can_be_read() {
        for ink in COLORS
            .map(Ink::for_text)
            .into_iter()
            .chain([TEXT, QUIET_TEXT])
        {
            assert!(
                contrast_on_white(ink) >= 4.5,
                "{ink:?} has {}",
                contrast_on_white(ink)
            );
        }
    }

    #[test]
    fn a_square_stands_on_its_side() {
        let corners = polygon(at(0.0, 0.0), 1.0, 4, 0.125);
        let side = 0.5_f64.sqrt();
        assert!((corners[0].x - side).abs() < 1e-12 && (corners[0].y + side).abs() < 1e-12);
    }
}
