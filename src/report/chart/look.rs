//! One visual language for all charts: colours and shapes that tell strategies apart, for the colour-blind as well.

use super::scene::{Ink, Item, Point, Role, Scene, at};
use super::theme::{COLORS, Theme};

/// Of writing.
pub const TEXT: Ink = Ink::of(Role::Text);
/// Of writing that explains.
pub const QUIET_TEXT: Ink = Ink::of(Role::QuietText);
/// Of axes.
pub const AXIS: Ink = Ink::of(Role::Axis);
/// Of lines behind the figures.
pub const GRID: Ink = Ink::of(Role::Grid);
/// Of rows behind the figures.
pub const STRIPE: Ink = Ink::of(Role::Stripe);
/// Of paper.
pub const PAPER: Ink = Ink::of(Role::Paper);
/// Of the new version.
pub const NEW: Ink = Ink::of(Role::New);
/// Of what the fault hits.
pub const HIT: Ink = Ink::of(Role::Hit);

/// The colour of the thing at this place in a list; those of the first seven differ.
pub fn nth(place: usize) -> Ink {
    Ink::of(Role::Nth((place % COLORS) as u8))
}

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
            ink: nth(place),
            shape: SHAPES[place % SHAPES.len()],
        }
    }

    /// Draws it, with a white edge that sets it off from what it covers.
    pub fn draw(self, scene: &mut Scene, middle: Point) {
        self.fill(scene, middle, MARKER + 1.5, PAPER);
        self.fill(scene, middle, MARKER, self.ink);
    }

    /// The same as a small picture of its own, for beside a name.
    pub fn svg(self, theme: Theme) -> String {
        let [r, g, b] = theme.rgb(self.ink);
        let shape = match self.shape {
            Shape::Disc => "<circle r=\"6\"/>".to_owned(),
            Shape::Regular(corners, turn) => {
                let corners = polygon(at(0.0, 0.0), 7.5, corners, turn);
                let corners = corners.iter().map(|p| format!("{:.2},{:.2}", p.x, p.y));
                format!(
                    "<polygon points=\"{}\"/>",
                    corners.collect::<Vec<_>>().join(" ")
                )
            }
        };
        format!("<svg viewBox=\"-8 -8 16 16\" fill=\"#{r:02x}{g:02x}{b:02x}\">{shape}</svg>")
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

    #[test]
    fn a_square_stands_on_its_side() {
        let corners = polygon(at(0.0, 0.0), 1.0, 4, 0.125);
        let side = 0.5_f64.sqrt();
        assert!((corners[0].x - side).abs() < 1e-12 && (corners[0].y + side).abs() < 1e-12);
    }
}
