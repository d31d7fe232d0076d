//! What a chart consists of: lines, shapes and texts at places, in pixels from the upper left corner.

use super::font::{self, Weight};

/// A colour, by what it is for: a theme ([`super::theme::Theme`]) says what it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ink {
    /// What it is for.
    pub role: Role,
    /// How strong it is.
    pub tone: Tone,
}

/// What a colour is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Paper.
    Paper,
    /// Writing.
    Text,
    /// Writing that explains.
    QuietText,
    /// Axes.
    Axis,
    /// Lines behind the figures.
    Grid,
    /// Rows behind the figures, paler than the grid; and two that are darker.
    Stripe,
    /// Of two neighbours, one.
    Shade,
    /// The other.
    DeepShade,
    /// The new version.
    New,
    /// What the fault hits.
    Hit,
    /// One of several things that are told apart, by number.
    Nth(u8),
}

/// How strong a colour is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Full,
    /// So that letters of it can be read.
    Letters,
    /// So many percent of it, the rest paper.
    Pale(u8),
}

impl Ink {
    /// A colour as it is.
    pub const fn of(role: Role) -> Ink {
        Ink {
            role,
            tone: Tone::Full,
        }
    }

    /// The same hue, so that letters of it can be read.
    pub const fn for_text(self) -> Ink {
        Ink {
            tone: Tone::Letters,
            ..self
        }
    }

    /// The same hue, pale enough to stay behind a point of it.
    pub const fn for_interval(self) -> Ink {
        self.pale(65)
    }

    /// So many percent of it, the rest paper.
    pub const fn pale(self, percent: u8) -> Ink {
        Ink {
            tone: Tone::Pale(percent),
            ..self
        }
    }
}

/// A place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// A place.
pub fn at(x: f64, y: f64) -> Point {
    Point { x, y }
}

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

/// Which side of a text is at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// It begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// A piece of writing on one line.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Where its baseline is.
    pub at: Point,
    /// Which part of it is there.
    pub align: Align,
    /// What it says.
    pub text: String,
    /// Size of the letters (an em), in pixels.
    pub size: f64,
    /// Weight of the letters.
    pub weight: Weight,
    /// Colour.
    pub ink: Ink,
}

/// One thing to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A line through some places.
    Line {
        /// The places.
        through: Vec<Point>,
        /// Its width, in pixels.
        width: f64,
        /// Colour.
        ink: Ink,
    },
    /// A filled area.
    Area {
        /// Its corners.
        corners: Vec<Point>,
        /// Colour.
        ink: Ink,
    },
    /// A filled circle.
    Disc {
        /// Its middle.
        middle: Point,
        /// Its radius, in pixels.
        radius: f64,
        /// Colour.
        ink: Ink,
    },
    /// Writing.
    Text(Text),
}

/// A place where whoever points at it is told the figures that are drawn there.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// Where it is.
    pub frame: Frame,
    /// The strategy that it belongs to.
    pub strategy: String,
    /// What is told.
    pub text: String,
}

/// A picture. Later items cover earlier ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Width, in pixels.
    pub width: u32,
    /// Height, in pixels.
    pub height: u32,
    /// What it shows, for those who cannot see it.
    pub title: String,
    /// What is drawn, on paper.
    pub items: Vec<Item>,
    /// What is told of places in it, where the picture can be asked.
    pub spots: Vec<Spot>,
}

impl Frame {
    /// Whether two rectangles have more than an edge in common.
    pub fn overlaps(&self, other: &Frame) -> bool {
        self.overlap(other) > 0.0
    }

    /// The area that two rectangles have in common.
    pub fn overlap(&self, other: &Frame) -> f64 {
        let width = self.right.min(other.right) - self.left.max(other.left);
        let height = self.bottom.min(other.bottom) - self.top.max(other.top);
        width.max(0.0) * height.max(0.0)
    }

    /// Whether the other lies within.
    pub fn holds(&self, other: &Frame) -> bool {
        self.left <= other.left
            && self.top <= other.top
            && self.right >= other.right
            && self.bottom >= other.bottom
    }

    /// Larger by so much on every side.
    pub fn grown(&self, by: f64) -> Frame {
        Frame {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    /// Around a place.
    pub fn around(middle: Point, half_width: f64, half_height: f64) -> Frame {
        Frame {
            left: middle.x - half_width,
            top: middle.y - half_height,
            right: middle.x + half_width,
            bottom: middle.y + half_height,
        }
    }

    /// The place in it that is nearest to another.
    pub fn nearest(&self, to: Point) -> Point {
        at(
            to.x.clamp(self.left, self.right),
            to.y.clamp(self.top, self.bottom),
        )
    }
}

impl Text {
    /// The room that it takes.
    pub fn frame(&self) -> Frame {
        let width = font::width(&self.text, self.size, self.weight);
        let left = match self.align {
            Align::Start => self.at.x,
            Align::Middle => self.at.x - width / 2.0,
            Align::End => self.at.x - width,
        };
        Frame {
            left,
            top: self.at.y - font::ASCENT * self.size,
            right: left + width,
            bottom: self.at.y + font::DESCENT * self.size,
        }
    }
}

impl Scene {
    /// An empty picture.
    pub fn new(width: u32, height: u32, title: impl Into<String>) -> Scene {
        Scene {
            width,
            height,
            title: title.into(),
            items: Vec::new(),
            spots: Vec::new(),
        }
    }

    /// The texts in it.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.items.iter().filter_map(|item| match item {
            Item::Text(text) => Some(text),
            _ => None,
        })
    }

    /// Draws a line.
    pub fn line(&mut self, through: impl Into<Vec<Point>>, width: f64, ink: Ink) {
        self.items.push(Item::Line {
            through: through.into(),
            width,
            ink,
        });
    }

    /// Tells something of a place.
    pub fn tell(&mut self, frame: Frame, strategy: &str, text: String) {
        self.spots.push(Spot {
            frame,
            strategy: strategy.to_owned(),
            text: format!("{strategy}{text}"),
        });
    }

    /// Writes a text.
    pub fn write(&mut self, text: Text) {
        self.items.push(Item::Text(text));
    }
}
