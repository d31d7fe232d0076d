//! What a file is for, told from its tables alone: a scenario, or strategies to lay over one.

use toml::de::DeTable;

use super::assemble::text_of;
use super::vocabulary::section_named;

/// Whether bytes are a strategy file: they have strategies, and nothing that only a scenario has.
///
/// `format` may stand in both and says nothing. What has tables of the world, but no `format`, is taken for strategies with
/// something in them that they cannot have: a scenario says first which version of the language it is in. Of a text that
/// does not parse it counts what does.
pub fn is_strategy_file(bytes: &[u8]) -> bool {
    let (text, None) = text_of(bytes) else {
        return false;
    };
    let (document, _) = DeTable::parse_recoverable(text);
    let names = || document.get_ref().keys().map(|key| key.get_ref().as_ref());
    let has = |name: &str| names().any(|n| n == name);
    let of_world = |name: &str| {
        name == "use" || section_named(name).is_some_and(|section| !section.in_strategy_files)
    };
    has("strategy") && (!has("format") || !names().any(of_world))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRATEGY: &str = "[strategy.ours]\nsteps = [{ to = \"100%\" }]\n";

    #[test]
    fn only_what_is_of_a_world_makes_a_scenario() {
        for (top, rest, is_one) in [
            ("", "", true),
            ("format = 1\n", "", true),
            (
                "format = 1\n",
                "[service]\nrps = 1\n[budget.a]\nkeep = \"P(caught) <= 1%\"\n",
                true,
            ),
            (
                "# format = 1, use = \"aws-like\"\n",
                "[lint]\nallow = []\n",
                true,
            ),
            ("format = 1\nuse = \"aws-like\"\n", "", false),
            ("format = 1\n", "[region.a]\nrps = 1\n", false),
            ("format = 1\n", "[alarm.a]\nscope = \"zone\"\n", false),
            ("", "[alarm.a]\nscope = \"zone\"\n", true),
            // Without its end it is still told by what comes before.
            ("format = 1\n", "[lint]\nallow = [", true),
            ("format = 1\n", "[sevice]\nrps = 1\n", true),
        ] {
            let text = format!("{top}{STRATEGY}{rest}");
            assert_eq!(is_strategy_file(text.as_bytes()), is_one, "{text}");
        }
        assert!(!is_strategy_file(b"format = 1\n[budget.a]\n"));
        assert!(!is_strategy_file(b""));
        assert!(!is_strategy_file(b"\xff\xfe[strategy.ours]"));
        assert!(is_strategy_file(b"\xef\xbb\xbfstrategy.ours.steps = []\n"));
    }
}
