//! Names on a terminal, in a table and in a picture: what they take, and how they break.

use unicode_width::UnicodeWidthStr;

/// Columns that a text takes on a terminal.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text with control characters, which could move the cursor or break a file, made visible.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

/// Breaks a text into lines of at most `most` columns: at spaces where there are any; of a word that is longer, where its
/// parts end.
pub fn wrap(text: &str, most: usize) -> Vec<String> {
    let most = most.max(2);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let pieces = text.split(' ').flat_map(|word| {
        let pieces = match width(word) > most {
            true => pieces(word),
            false => vec![word],
        };
        let first = std::iter::once(true).chain(std::iter::repeat(false));
        pieces.into_iter().zip(first)
    });
    for (piece, is_first) in pieces {
        let gap = usize::from(is_first && !line.is_empty());
        if !line.is_empty() && width(&line) + gap + width(piece) > most {
            lines.push(std::mem::take(&mut line));
        }
        if is_first && !line.is_empty() {
            line.push(' ');
        }
        for c in piece.chars() {
            if width(&line) + width(c.encode_utf8(&mut [0; 4])) > most {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    lines.push(line);
    lines
}

/// The parts of a word: `canary-rollout`, `Every30Seconds`, `services/checkout`.
fn pieces(word: &str) -> Vec<&str> {
    let ends = |before: char, after: char| {
        let is_joint = !before.is_alphanumeric() && after.is_alphanumeric();
        is_joint || (!before.is_uppercase() && before.is_alphanumeric() && after.is_uppercase())
    };
    let (mut pieces, mut start) = (Vec::new(), 0);
    for ((_, before), (at, after)) in word.char_indices().zip(word.char_indices().skip(1)) {
        if ends(before, after) {
            pieces.push(&word[start..at]);
            start = at;
        }
    }
    pieces.push(&word[start..]);
    pieces
}

/// The text, or as much of it as goes into `most` columns with an ellipsis at the end.
pub fn shortened(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut short = String::new();
    for c in text.chars() {
        if width(&short) + width(c.encode_utf8(&mut [0; 4])) + 1 > most {
            break;
        }
        short.push(c);
    }
    format!("{}…", short.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(
            wrap("one region at a time", 10),
            ["one region", "at a time"]
        );
        assert_eq!(
            wrap("incomprehensibilities", 8),
            ["incompre", "hensibil", "ities"]
        );
        assert_eq!(wrap("", 8), [""]);
    }

    #[test]
    fn long_words_break_where_their_parts_end() {
        assert_eq!(
            wrap("checkout-service-canary-rollout", 20),
            ["checkout-service-", "canary-rollout"]
        );
        assert_eq!(
            wrap("Linear50PercentEvery30Seconds", 20),
            ["Linear50Percent", "Every30Seconds"]
        );
        // One that fits stays whole.
        assert_eq!(wrap("a one-region wave", 10), ["a", "one-region", "wave"]);
        assert_eq!(
            wrap("our services/checkout", 12),
            ["our", "services/", "checkout"]
        );
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(width("東京"), 4);
        assert_eq!(wrap("東京大阪", 5), ["東京", "大阪"]);
        assert_eq!(shortened("東京大阪", 6), "東京…");
    }

    #[test]
    fn control_characters_are_made_visible() {
        assert_eq!(clean("a\u{1b}[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
    }

    #[test]
    fn long_names_are_shortened() {
        assert_eq!(
            shortened("one region at a time", 20),
            "one region at a time"
        );
        assert_eq!(shortened("one region at a time", 12), "one region…");
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_nothing_is_lost(text in "[a-zé東A-C0-1/_ -]{0,60}", most in 2..30_usize) {
            let lines = wrap(&text, most);
            prop_assert!(lines.iter().all(|l| width(l) <= most), "{:?}", lines);
            let without_spaces = |t: &str| t.replace(' ', "");
            prop_assert_eq!(without_spaces(&lines.concat()), without_spaces(&text));
            prop_assert!(width(&shortened(&text, most)) <= most);
        }
    }
}
