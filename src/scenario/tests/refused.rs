//! What is refused, and where the mistake is said to be.

use super::*;

/// The mistakes of a text: the underlined text and the rule.
fn mistakes(text: &str) -> Vec<(String, String)> {
    refusal(text)
        .iter()
        .map(|p| (text[p.span.clone()].to_owned(), p.rule.clone()))
        .collect()
}

/// Checks that a scenario has this one mistake.
fn check(text: &str, underlined: &str, rule: &str) {
    let found = mistakes(text);
    assert_eq!(found, [(underlined.to_owned(), rule.to_owned())], "{text}");
}

#[test]
fn limits_of_the_fleet_are_stated() {
    let region = |keys: &str| {
        format!(
            "format = 1\n[region.x]\nrps = 1\n{keys}\n[strategy.s]\nsteps = [{{ to = \"100%\" }}]"
        )
    };
    let zones = "`zones` must be a whole number from 1 to 10,000";
    for bad in [
        "0",
        "10_001",
        "1_000_000_000",
        "-1",
        "1.5",
        "nan",
        "99999999999999999999999",
    ] {
        check(&region(&format!("zones = {bad}")), bad, zones);
    }
    let boxes = "`boxes_per_zone` must be a whole number from 1 to 1,000,000";
    check(&region("boxes_per_zone = 1_000_001"), "1_000_001", boxes);
    for bad in ["0", "-1", "1.1e9", "inf", "nan", "+nan"] {
        let text = format!(
            "format = 1\n[region.x]\nrps = {bad}\n[strategy.s]\nsteps = [{{ to = \"100%\" }}]"
        );
        check(
            &text,
            bad,
            "`rps` must be a number of requests a second, above 0 and at most 1e9",
        );
    }
    let many: String = (0..1_001)
        .map(|i| format!("[region.r{i}]\nrps = 1\n"))
        .collect();
    let text = format!("format = 1\n{many}[strategy.s]\nsteps = [{{ to = \"100%\" }}]");
    check(
        &text,
        "r1000",
        "a fleet has at most 1,000 regions, and this has 1001",
    );
    let large: String = (0..3)
        .map(|i| format!("[region.r{i}]\nrps = 1\nzones = 4_000\n"))
        .collect();
    let text = format!("format = 1\n{large}[strategy.s]\nsteps = [{{ to = \"100%\" }}]");
    check(
        &text,
        "r2",
        "a fleet has at most 10,000 zones, and with this region it has 12000",
    );
    let busy = "[region.a]\nrps = 6e8\n[region.b]\nrps = 6e8\n";
    let text = format!("format = 1\n{busy}[strategy.s]\nsteps = [{{ to = \"100%\" }}]");
    check(
        &text,
        "b",
        "a fleet has at most 1e9 requests a second, and this one has 1200000000",
    );
}

#[test]
fn numbers_of_the_world_have_bounds() {
    for (lines, underlined, rule) in [
        (
            "[scenario]\nhorizon = \"400d\"",
            "\"400d\"",
            "`horizon` must be above 0 and at most 366d",
        ),
        (
            "[scenario]\nhorizon = \"0s\"\nwatch = \"0s\"",
            "\"0s\"",
            "`horizon` must be above 0 and at most 366d",
        ),
        (
            "[sli.errors]\ndispersion = 1.6",
            "1.6",
            "`dispersion` must be a correlation from 0 to 1",
        ),
        (
            "[sli.errors]\nobjective = \"100%\"",
            "\"100%\"",
            "`objective` lies between 0% and 100%",
        ),
        (
            "[sli.errors]\nbase = -0.1",
            "-0.1",
            "`base`: a share cannot be negative",
        ),
        (
            "[oncall]\nacts_on_report = 0",
            "0",
            "`acts_on_report` must be a whole number from 1 to 1,000,000",
        ),
        (
            "[retry]\nafter = \"1h\"\nmax = -1",
            "-1",
            "`max` must be a whole number from 0 to 1,000",
        ),
        (
            "[rollback]\nin = 0",
            "0",
            "`in` must be a whole number from 1 to 10,000",
        ),
        (
            "[rollback]\ntakes = \"1e300d\"",
            "1e300d",
            "`takes`: a duration is at most 1,000 years (365,000d)",
        ),
        (
            "[rollback]\ntakes = inf",
            "inf",
            "`takes`: a number must be finite",
        ),
        (
            "[alarm.a]\nscope = \"zone\"\nwhen = \"errors > 1%\"\nlag = \"60d\"",
            "\"60d\"",
            "`lag` is at most 30d",
        ),
        (
            "[fault.f]\ntrigger = { traffic = 0 }\nadds = { errors = \"1%\" }",
            "0",
            "`traffic` must be a multiple of the weekday mean, such as 1.4",
        ),
        (
            "[fault.f]\ntrigger = { requests = 0 }\nadds = { errors = \"1%\" }",
            "0",
            "`requests` must be above 0",
        ),
        (
            "[fault.f]\ntrigger = { requests = -5 }\nadds = { errors = \"1%\" }",
            "-5",
            "`requests`: an amount cannot be negative",
        ),
        (
            "[fault.f]\ntrigger = { share = \"0%\" }\nadds = { errors = \"1%\" }",
            "\"0%\"",
            "`share` must be above 0%",
        ),
    ] {
        check(&with_strategy(lines), underlined, rule);
    }
    let often =
        "[incidents.i]\nrate = \"2 per second\"\nadds = { errors = \"1%\" }\nlasts = \"1m\"";
    let found = mistakes(&with_strategy(often));
    assert_eq!(found[0].0, "rate");
    assert!(
        found[0]
            .1
            .ends_with("incidents in one rollout, and a million is the limit"),
        "{found:?}"
    );
}

#[test]
fn windows_that_never_open_are_refused() {
    let text =
        strategy_of("steps = [{ to = \"100%\" }]\nblackouts = [\"2026-01-01 to 2026-12-31\"]");
    check(
        &text,
        "blackouts",
        "no action could ever start in east: its windows never open within the horizon",
    );
}

#[test]
fn windows_that_are_counted_in_very_many_buckets_are_refused() {
    let alarms = "[alarm.a]\nscope = \"region\"\nwhen = \"errors > 1%\"\nwindow = \"3d\"\n[alarm.b]\nscope = \"region\"\nwhen = \"errors > 1%\"\nperiod = \"7s\"";
    let rule = "a window of 259200s is counted in buckets of 1s here, more than 50,000 of them";
    check(&with_strategy(alarms), "window", rule);
}

#[test]
fn a_mistake_that_strategies_share_is_told_once() {
    let text = small(
        "[rollback]\nscope = \"zone\"\n[strategy.a]\nsteps = [{ to = \"100%\" }]\n[strategy.b]\nsteps = [{ to = \"100%\" }]",
    );
    check(
        &text,
        "scope",
        "a rollback that is narrower than the fleet says when the rest goes",
    );
    let text = strategy_of(
        "steps = [{ to = \"100%\", bake = \"manual\" }]\nwaves = [{ regions = 1 }, { regions = 1 }]",
    );
    check(
        &text,
        "\"manual\"",
        "this needs an approval, and nothing says how long people take to approve",
    );
}

#[test]
fn a_problem_carries_its_place_its_value_and_its_mend() {
    let text =
        with_strategy("[service]\nrsp = 5\n[warmup]\nlasts = 90\nadds = { errors = \"0.1%\" }");
    let problems = refusal(&text);
    let [first, second] = &problems.iter().collect::<Vec<_>>()[..] else {
        panic!("{problems}")
    };
    assert_eq!(
        (first.key.as_str(), first.nearest.as_deref()),
        ("service.rsp", Some("rps"))
    );
    assert_eq!(first.file, Path::new("scenario.toml"));
    assert_eq!(first.column, 1);
    assert_eq!(text.lines().nth(first.line - 1), Some("rsp = 5"));
    assert_eq!(
        (second.key.as_str(), second.found.as_deref()),
        ("warmup.lasts", Some("90"))
    );
    assert_eq!(second.column, 9);
    assert_eq!(
        second.mend.as_deref(),
        Some("write \"90s\", \"90m\" or \"90h\"")
    );
    assert_eq!(problems.count(), 2);
}

#[test]
fn columns_count_characters() {
    let text = with_strategy("[service]\nbase = { \"Zürich\" = \"200%\" }");
    let problems = refusal(&text);
    let places: Vec<_> = problems
        .iter()
        .map(|p| (&text[p.span.clone()], p.column))
        .collect();
    assert_eq!(places, [("\"Zürich\"", 10), ("200%", 22)]);
}

#[test]
fn colours_are_there_only_when_wanted() {
    let problems = refusal("format = 2");
    assert!(problems.render(true).contains('\u{1b}'));
    assert!(!problems.render(false).contains('\u{1b}'));
    assert_eq!(problems.to_string(), problems.render(false));
}

#[test]
fn nothing_of_a_file_reaches_the_terminal_as_a_command() {
    for text in [
        "format = 1\n\u{1b}[31m = 2",
        "format = 1\nname\u{7f} = \"\u{202e}x\"",
        "format = 1\n\"a\\u001b[31m\" = 2",
    ] {
        let rendered = refusal(text).render(false);
        let harmless = |c: char| !c.is_control() || c == '\n';
        assert!(rendered.chars().all(harmless), "{rendered:?}");
        assert!(!rendered.contains('\u{202e}'), "{rendered:?}");
    }
}

#[test]
fn windows_line_ends_are_fine() {
    let text = with_strategy("").replace('\n', "\r\n");
    read(&text);
    let text = with_strategy("[service]\nrps = 0").replace('\n', "\r\n");
    let rendered = refusal(&text).render(false);
    assert!(!rendered.contains('␍'), "{rendered}");
}
