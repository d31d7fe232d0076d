//! The known name that somebody probably meant.

/// The known name closest to `found`, if any is close enough to be meant.
///
/// Close is a Damerau-Levenshtein distance of at most a third of the length; letters of either case, `_` and `-` are alike.
pub(super) fn nearest<'a>(
    found: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    ranked(found, known).into_iter().next()
}

/// At most so many of the known names that are close to `found`, the closest first and each once.
pub fn nearest_of<'a>(
    found: &str,
    known: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in ranked(found, known) {
        if names.len() < most && names.iter().all(|n| plain(n) != plain(name)) {
            names.push(name.to_owned());
        }
    }
    names
}

/// The known names that are close, the closest first.
fn ranked<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    // Names longer than any known one by far are not compared: the comparison takes time quadratic in length.
    if found.len() > 100 {
        return Vec::new();
    }
    let found = plain(found);
    let close = |name: &&str| {
        let distance = strsim::damerau_levenshtein(&found, &plain(name));
        let is_part = found.len() >= 4
            && (name.len() >= 4)
            && (found.starts_with(&plain(name)) || plain(name).starts_with(&found));
        let limit = found.chars().count().max(name.chars().count()).div_ceil(3);
        // Among equally distant names the one that begins alike is meant: `bakes` is `bake`, not `takes`.
        (distance <= limit || is_part).then_some((distance, !begins_alike(&found, &plain(name))))
    };
    let close = known
        .into_iter()
        .filter_map(|name| close(&name).map(|distance| (distance, name)));
    let mut close: Vec<((usize, bool), &str)> = close.collect();
    close.sort_by_key(|(distance, _)| *distance);
    close.into_iter().map(|(_, name)| name).collect()
}

fn begins_alike(a: &str, b: &str) -> bool {
    a.chars().next() == b.chars().next()
}

fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', ' '], "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_is_found_and_a_stranger_is_not() {
        let known = [
            "errors",
            "slow",
            "boxes_per_zone",
            "min_requests",
            "takes",
            "bake",
        ];
        for (found, expected) in [
            ("error", Some("errors")),
            ("Errors", Some("errors")),
            ("erorrs", Some("errors")),
            ("boxes-per-zone", Some("boxes_per_zone")),
            ("boxes", Some("boxes_per_zone")),
            ("minrequests", Some("min_requests")),
            ("latency", None),
            ("bakes", Some("bake")),
            ("", None),
        ] {
            assert_eq!(nearest(found, known), expected, "{found:?}");
        }
        assert_eq!(nearest(&"e".repeat(1_000_000), known), None);
    }
}
