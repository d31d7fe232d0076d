//! What colours look like: on a screen, on a dark one, and printed without colour.

use super::scene::{Ink, Role, Tone};

/// How many things have colours of their own.
pub const COLORS: usize = 7;

/// Red, green, blue.
pub type Rgb = [u8; 3];

/// A set of colours. None is needed to read a chart: what they tell apart, shapes, strokes or numbers do as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on nearly black.
    Dark,
    /// Greys, for printers and copiers.
    Print,
}

/// Colours that stay apart under the common kinds of colour blindness (after Okabe and Ito, without yellow, which is
/// too pale on white).
const LIGHT: [Rgb; COLORS] = [
    [0, 114, 178],
    [213, 94, 0],
    [0, 158, 115],
    [204, 121, 167],
    [230, 159, 0],
    [86, 180, 233],
    [60, 60, 60],
];

/// The same hues, bright enough for a dark ground.
const DARK: [Rgb; COLORS] = [
    [64, 158, 221],
    [240, 128, 50],
    [38, 186, 142],
    [222, 150, 192],
    [240, 188, 66],
    [150, 210, 246],
    [190, 196, 202],
];

/// Greys of which neighbours differ most.
const PRINT: [Rgb; COLORS] = [
    [40; 3], [150; 3], [90; 3], [190; 3], [64; 3], [120; 3], [172; 3],
];

impl Theme {
    /// What a colour looks like.
    pub fn rgb(self, ink: Ink) -> Rgb {
        let full = self.full(ink.role);
        match ink.tone {
            Tone::Full => full,
            Tone::Letters => self.letters(full),
            Tone::Pale(percent) => mixed(full, self.full(Role::Paper), f64::from(percent) / 100.0),
        }
    }

    fn full(self, role: Role) -> Rgb {
        let [light, dark, print] = match role {
            Role::Paper => [[255; 3], [24, 27, 31], [255; 3]],
            Role::Text => [[33, 37, 41], [233, 236, 239], [0; 3]],
            Role::QuietText => [[90, 98, 104], [173, 181, 189], [60; 3]],
            Role::Axis => [[134, 142, 150], [134, 142, 150], [90; 3]],
            Role::Grid => [[230, 232, 235], [52, 58, 64], [222; 3]],
            Role::Stripe => [[246, 247, 248], [32, 36, 41], [246; 3]],
            Role::Shade => [[222, 226, 230], [62, 68, 75], [224; 3]],
            Role::DeepShade => [[206, 212, 218], [82, 89, 97], [204; 3]],
            Role::New => [[126, 178, 214], [70, 128, 170], [176; 3]],
            Role::Hit => [[213, 94, 0], [240, 128, 50], [70; 3]],
            Role::Nth(n) => {
                let n = usize::from(n) % COLORS;
                [LIGHT[n], DARK[n], PRINT[n]]
            }
        };
        match self {
            Theme::Light => light,
            Theme::Dark => dark,
            Theme::Print => print,
        }
    }

    /// The same hue, far enough from the paper for letters.
    fn letters(self, full: Rgb) -> Rgb {
        match self {
            Theme::Light => mixed(full, [0; 3], 0.62),
            Theme::Dark => mixed(full, [255; 3], 0.75),
            Theme::Print => [0; 3],
        }
    }
}

/// This share of a colour, the rest another.
fn mixed(a: Rgb, b: Rgb, share: f64) -> Rgb {
    let mix = |i: usize| (f64::from(b[i]) + (f64::from(a[i]) - f64::from(b[i])) * share) as u8;
    [mix(0), mix(1), mix(2)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEMES: [Theme; 3] = [Theme::Light, Theme::Dark, Theme::Print];

    /// Relative luminance as WCAG 2 defines it.
    fn luminance(rgb: Rgb) -> f64 {
        let linear = |channel: u8| {
            let x = f64::from(channel) / 255.0;
            if x <= 0.040_45 {
                x / 12.92
            } else {
                libm::pow((x + 0.055) / 1.055, 2.4)
            }
        };
        0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2])
    }

    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn writing_can_be_read() {
        for theme in THEMES {
            let paper = theme.rgb(Ink::of(Role::Paper));
            let nth = (0..COLORS).map(|n| Ink::of(Role::Nth(n as u8)).for_text());
            for ink in nth.chain([Ink::of(Role::Text), Ink::of(Role::QuietText)]) {
                let contrast = contrast(theme.rgb(ink), paper);
                assert!(contrast >= 4.5, "{theme:?}: {ink:?} has {contrast}");
            }
        }
    }

    #[test]
    fn what_is_told_apart_differs() {
        for theme in THEMES {
            for a in 0..COLORS {
                let ink = |n: usize| theme.rgb(Ink::of(Role::Nth(n as u8)));
                assert!((0..a).all(|b| ink(a) != ink(b)), "{theme:?}: {a}");
                assert!(contrast(ink(a), theme.rgb(Ink::of(Role::Paper))) > 1.6);
            }
        }
    }

    #[test]
    fn print_has_no_colour() {
        for role in [Role::New, Role::Hit, Role::Nth(3), Role::Axis, Role::Text] {
            let [r, g, b] = Theme::Print.rgb(Ink::of(role));
            assert!(r == g && g == b, "{role:?}");
        }
    }
}
