//! How the page looks: the theme's colours, the marks of strategies, and the page's policy.

use sha2::{Digest, Sha256};

use super::element::{Element, el};
use crate::report::chart::look::Mark;
use crate::report::chart::scene::{Ink, Role};
use crate::report::chart::theme::{Rgb, Theme};

/// The script.
pub(super) const SCRIPT: &str = include_str!("script.js");
/// The style, but for its colours.
const STYLE: &str = include_str!("style.css");

/// The look of a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub theme: Theme,
}

impl Look {
    /// The whole style sheet.
    pub fn style(&self) -> String {
        let color = |role| hex(self.theme.rgb(Ink::of(role)));
        let link = hex(self.theme.rgb(Ink::of(Role::Nth(0)).for_text()));
        let scheme = match self.theme {
            Theme::Dark => "dark",
            Theme::Light | Theme::Print => "light",
        };
        format!(
            ":root {{ color-scheme: {scheme}; --paper: {}; --text: {}; --quiet: {}; --axis: {}; --grid: {}; --stripe: {}; \
             --shade: {}; --link: {link}; }}\n{STYLE}",
            color(Role::Paper),
            color(Role::Text),
            color(Role::QuietText),
            color(Role::Axis),
            color(Role::Grid),
            color(Role::Stripe),
            color(Role::Shade),
        )
    }

    /// The mark of the strategy at this place, as in the charts. Its name stands beside it.
    pub fn mark(&self, place: usize) -> Element {
        el("span")
            .with("class", "mark")
            .with("aria-hidden", "true")
            .markup(Mark::of(place).svg(self.theme))
    }
}

fn hex([r, g, b]: Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// What the page may do: run its own script, and nothing that got in otherwise; have style in it; load nothing.
pub(super) fn policy() -> String {
    let script = base64(&Sha256::digest(SCRIPT));
    format!(
        "default-src 'none'; script-src 'sha256-{script}'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    )
}

/// Base64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |i: usize| u32::from(three.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= three.len() { digit.into() } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn style_and_script_end_where_they_should() {
        assert!(!SCRIPT.contains("</") && !STYLE.contains("</"));
    }
}
