//! The letters that charts are written in, and how much room they take.

use std::sync::Once;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

/// How heavy letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Ordinary.
    Regular,
    /// Bold.
    Bold,
}

/// The name under which the letters are known, which is what an SVG asks its viewer for: the built-in letters where
/// they are installed, else wide ones, else any without serifs.
pub const FAMILY: &str = "DejaVu Sans, Verdana, Helvetica, sans-serif";
/// Height of letters above the baseline, in ems.
pub const ASCENT: f64 = 0.76;
/// Depth of letters below the baseline, in ems.
pub const DESCENT: f64 = 0.24;
/// Height of a line of the built-in letters as `plotters` counts it, in ems.
pub(super) const LINE: f64 = 1.164_062_5;

static REGULAR: &[u8] = include_bytes!("../../../assets/fonts/DejaVuSans-subset.ttf");
static BOLD: &[u8] = include_bytes!("../../../assets/fonts/DejaVuSans-Bold-subset.ttf");

/// The letters of a weight, with lines of so many pixels.
pub(super) fn letters(line: f64, weight: Weight) -> FontDesc<'static> {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        for (style, bytes) in [(FontStyle::Normal, REGULAR), (FontStyle::Bold, BOLD)] {
            assert!(register_font(FAMILY, style, bytes).is_ok(), "a sound font");
        }
    });
    FontDesc::new(FontFamily::Name(FAMILY), line, style(weight))
}

/// How wide a text is in letters of this size, in pixels.
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    // Measured large, since widths come in whole pixels.
    const LARGE: f64 = 1_000.0;
    let measured = letters(LARGE * LINE, weight).box_size(text);
    let (width, _) = measured.expect("the built-in letters measure any text");
    f64::from(width) * size / LARGE
}

/// The text in lines no wider than this, broken at spaces.
pub fn wrap(text: &str, size: f64, weight: Weight, most: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size, weight) <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn style(weight: Weight) -> FontStyle {
    match weight {
        Weight::Regular => FontStyle::Normal,
        Weight::Bold => FontStyle::Bold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_letters() {
        // An "m" of DejaVu Sans is 1995 of 2048 units wide, a space 651.
        let m = width("mmmm", 20.48, Weight::Regular);
        assert!((m - 4.0 * 19.95).abs() < 0.3, "{m}");
        let space = width("    ", 20.48, Weight::Regular);
        assert!((space - 4.0 * 6.51).abs() < 0.3, "{space}");
        assert!(width("mmmm", 20.48, Weight::Bold) > m);
        assert_eq!(width("", 12.0, Weight::Regular), 0.0);
    }

    #[test]
    fn letters_that_are_missing_still_have_a_width() {
        assert!(width("東京 🚀 \u{200b}", 12.0, Weight::Regular) > 0.0);
    }

    #[test]
    fn lines_fit() {
        let text = "the share of the fleet's traffic that a fault hits at its peak";
        let lines = wrap(text, 12.0, Weight::Regular, 150.0);
        assert!(lines.len() > 2);
        assert!(
            lines
                .iter()
                .all(|l| width(l, 12.0, Weight::Regular) <= 150.0)
        );
        assert_eq!(lines.join(" "), text);
    }
}
