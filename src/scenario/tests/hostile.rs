//! Input that nobody means: whatever it is, reading ends, with an error and soon.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::plan::{Plan, Start, Stratum};

/// What must hold of every plan that is accepted.
fn assert_sound(plan: &Plan) {
    let zones = plan.fleet.zones.len();
    assert!((1..=10_000).contains(&zones));
    for region in &plan.fleet.regions {
        assert!(region.rps > 0.0 && region.rps.is_finite() && !region.zones.is_empty());
        assert!(region.curve < plan.fleet.curves.len() && region.boxes_per_zone >= 1);
    }
    let weights: f64 = plan.strata().iter().map(|s| plan.stratum_weight(*s)).sum();
    assert!((weights - 1.0).abs() < 1e-9);
    assert!(plan.stratum_weight(Stratum::FaultFree) >= 0.0);
    if let Start::Within(hours) = &plan.start {
        assert!(hours.total() > 0.0 && hours.total().is_finite());
    }
    assert!(plan.horizon_s > plan.watch_s && !plan.strategies.is_empty());
    for strategy in &plan.strategies {
        assert!(!strategy.waves.is_empty());
        let targets = strategy.fixed_targets.iter().flatten();
        let mut taken: Vec<usize> = Vec::new();
        for wave in targets {
            assert!(!wave.is_empty());
            taken.extend(wave.iter().flat_map(|t| t.zones.iter().copied()));
        }
        let count = taken.len();
        taken.sort_unstable();
        taken.dedup();
        assert_eq!(taken.len(), count, "no zone is in two waves");
        for wave in &strategy.waves {
            assert!(!wave.steps.is_empty() && wave.parallel >= 1);
        }
        for alarm in &strategy.alarms {
            assert!(alarm.every_s >= 1 && alarm.period_s.is_multiple_of(alarm.every_s));
            assert!(alarm.condition.sli().is_none_or(|s| s < plan.slis.len()));
        }
    }
}

/// Reads a text whatever it is.
fn survive(text: &str) {
    match parse(text) {
        Ok(scenario) => assert_sound(&scenario.plan),
        Err(problems) => {
            assert!(problems.count() > 0);
            let _ = problems.render(true);
            for problem in problems.iter() {
                assert!(
                    text.get(problem.span.clone()).is_some()
                        || problem.file != Path::new("scenario.toml")
                );
            }
        }
    }
}

#[test]
fn large_nonsense_is_refused_soon() {
    let base = with_strategy("");
    let many = |n: usize, one: &dyn Fn(usize) -> String| (0..n).map(one).collect::<String>();
    let cases = [
        format!("a = {}", "[".repeat(200_000)),
        format!("a = {}{}", "[".repeat(200_000), "]".repeat(200_000)),
        "a.".repeat(100_000),
        ",".repeat(10 << 20),
        "\"".repeat(1 << 20),
        many(100_000, &|i| format!("k{i} = 1\n")),
        many(60_000, &|i| {
            format!("[region.r{i}]\nzones = 1_000_000_000\n")
        }),
        many(60_000, &|i| {
            format!("[strategy.s{i}]\nsteps = [{{ to = 2 }}]\n")
        }),
        format!("{base}[profile.p]\nhours = [{}]", "1,".repeat(200_000)),
        format!("{base}waves = [{}]", "{ regions = 1 },".repeat(60_000)),
        format!("{base}[rollback]\ntakes = \"{}\"", "1s".repeat(1 << 20)),
        format!("{base}[rollback]\ntakes = \"{}s\"", "1".repeat(1 << 20)),
        format!("{base}[{}]\nx = 1", "x".repeat(1 << 20)),
        format!(
            "{base}[warmup]\nlasts = \"1m\"\nadds = {{ {} }}",
            many(60_000, &|i| format!("s{i} = 2,"))
        ),
        format!("{base}[scenario]\nname = \"{}\"", "x".repeat(1 << 20)),
        format!(
            "{base}[strategy.{}]\nsteps = [{{ to = \"100%\" }}]",
            "x".repeat(1 << 20)
        ),
        format!("x = {}1{}", "{a=".repeat(50_000), "}".repeat(50_000)),
        many(100_000, &|i| format!("k{i} {i}\n")),
        format!(
            "{base}[rollback]\ntakes = \"{}\"",
            "0.1: 5m | ".repeat(60_000)
        ),
    ];
    for text in cases {
        let began = Instant::now();
        let problems = refusal(&text);
        assert!(problems.render(false).len() < 1 << 20);
        // A second in a release build; this one is not, and the machine has other things to do.
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "{} took {:?}",
            &text[..40.min(text.len())],
            began.elapsed()
        );
    }
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let text = format!("{}#{}", with_strategy(""), " ".repeat(10 << 20));
    let problems = refusal(&text);
    assert_eq!(
        problems.iter().next().unwrap().rule,
        "a file has at most 10 MiB"
    );
}

#[test]
fn local_times_take_bounded_memory() {
    let zones = [
        "Europe/Berlin",
        "Asia/Tokyo",
        "America/New_York",
        "Africa/Cairo",
        "Asia/Kolkata",
    ];
    let regions: String = (0..1_000)
        .map(|i| {
            let hours = format!("{}{}", i + 1, ", 1, 2".repeat(12).trim_end_matches(", 2"));
            format!("[profile.p{i}]\nhours = [{hours}]\n[region.r{i}]\nrps = 1\nprofile = \"p{i}\"\ntz = {:?}\n", zones[i % 5])
        })
        .collect();
    let text = format!(
        "format = 1\n[scenario]\nhorizon = \"366d\"\nstart = {{ from = \"2026-01-01\", to = \"2026-12-31\" }}\n{regions}[strategy.s]\nsteps = [{{ to = \"100%\" }}]"
    );
    let problems = refusal(&text);
    assert!(
        problems
            .iter()
            .next()
            .unwrap()
            .rule
            .starts_with("the local times of this scenario take too much memory")
    );
}

/// As large as the limits allow, in several directions; all of it is accepted.
#[test]
fn the_largest_scenarios_are_read_soon() {
    let fleet = |regions: usize, zones: usize, profiles: usize| -> String {
        let declared = (0..profiles).map(|i| {
            let hours = format!("{}{}", i + 1, ", 1, 2".repeat(12).trim_end_matches(", 2"));
            format!("[profile.p{i}]\nhours = [{hours}]\n")
        });
        let regions = (0..regions).map(|i| {
            let profile = i % profiles;
            let zone = ["Europe/Berlin", "Asia/Tokyo", "America/New_York"][i % 3];
            format!(
                "[region.r{i}]\nzones = {zones}\nboxes_per_zone = 1\nrps = 1\nprofile = \"p{profile}\"\ntz = {zone:?}\n"
            )
        });
        let regions: String = regions.collect();
        declared.collect::<String>() + &regions
    };
    let strategies = |count: usize, more: &dyn Fn(usize) -> String| -> String {
        (0..count)
            .map(|i| {
                let more = more(i);
                format!("[strategy.s{i}]\nsteps = [{{ to = \"100%\" }}]\n{more}\n")
            })
            .collect()
    };
    let names: String = (0..1_000).rev().map(|i| format!("\"r{i}\", ")).collect();
    let cases = [
        // A year of calendars, one for each region.
        fleet(600, 1, 600) + &strategies(1, &|_| String::new()),
        // Zones times strategies.
        fleet(1_000, 10, 1) + &strategies(500, &|_| String::new()),
        // Windows of many strategies in many regions.
        fleet(1_000, 1, 1)
            + &strategies(500, &|i| {
                format!(
                    "windows = {{ days = \"Mon-Fri\", hours = \"09:{:02}-{}:00\", tz = \"local\" }}",
                    i % 60,
                    10 + i / 60
                )
            }),
        // Names of regions, looked up one by one.
        fleet(1_000, 1, 1) + &strategies(60, &|_| format!("waves = [{{ regions = [{names}] }}]")),
    ];
    for (case, text) in cases.iter().enumerate() {
        let head = "format = 1\n[scenario]\nhorizon = \"366d\"\n[sli.errors]\nbase = \"1%\"\n";
        let began = Instant::now();
        let read = parse(&format!("{head}{text}"));
        // A second in a release build; this one is not, and the machine has other things to do.
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "{case} took {:?}",
            began.elapsed()
        );
        match read {
            Ok(scenario) => assert_sound(&scenario.plan),
            Err(problems) => panic!("{case}: {}", problems.render(false)),
        }
    }
}

#[test]
fn what_is_no_text_is_refused() {
    for bytes in [
        &b"format = 1\n\xff\xfe"[..],
        b"\xff",
        b"\x00\x01\x02",
        b"",
        b"   \n",
    ] {
        struct One(Vec<u8>);
        impl Files for One {
            fn read(&self, _: &Path) -> Result<Vec<u8>, ReadError> {
                Ok(self.0.clone())
            }
        }
        let request = Request {
            scenario: "x.toml".into(),
            ..Request::default()
        };
        assert!(load(&request, &One(bytes.to_vec())).is_err());
    }
}

/// Values that a key may be given, sensible and not.
fn any_value() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "1",
        "0",
        "-1",
        "2.5",
        "nan",
        "inf",
        "1e300",
        "true",
        "false",
        "[]",
        "{}",
        "\"\"",
        "\"100%\"",
        "\"5m\"",
        "\"5m to 20m\"",
        "\"errors > 1%\"",
        "\"requests < 50% of control\"",
        "\"3 of 5\"",
        "\"rest\"",
        "\"manual\"",
        "\"zone\"",
        "\"region\"",
        "\"fleet\"",
        "\"cohort\"",
        "\"local\"",
        "\"UTC\"",
        "\"2 per year\"",
        "\"never\"",
        "[1, \"rest\"]",
        "[{ to = \"100%\" }]",
        "[{ regions = 1 }]",
        "{ value = \"5m\" }",
        "{ errors = \"5%\" }",
        "{ delay = \"1h\", scope = \"cohort\" }",
        "{ inside = \"5m\", outside = \"1h\" }",
        "\"one-box\"",
        "2026-03-02",
        "{ when = \"errors > 1%\", window = \"5m\" }",
        "\"empirical(a.csv, b)\"",
        "\"0.5: 1m | 0.5: exp(mean=1h)\"",
    ]);
    fixed.prop_map(str::to_owned)
}

/// A file of the language's own words in any order.
fn any_file() -> impl Strategy<Value = String> {
    let words: Vec<&str> = vocabulary::TABLES.iter().flat_map(|t| t.names()).collect();
    let key = (prop::sample::select(words), any_value()).prop_map(|(k, v)| format!("{k} = {v}\n"));
    let sections: Vec<String> = vocabulary::SECTIONS
        .iter()
        .flat_map(|s| {
            if s.named {
                vec![format!("{}.errors", s.name), format!("{}.b", s.name)]
            } else {
                vec![s.name.into()]
            }
        })
        .collect();
    let table = (
        prop::sample::select(sections),
        prop::collection::vec(key, 0..6),
    );
    let tables = prop::collection::btree_map(
        prop::sample::select((0..8).collect::<Vec<_>>()),
        table,
        0..8,
    );
    tables.prop_map(|tables| {
        let mut text = String::from("format = 1\n");
        let mut seen = std::collections::BTreeSet::new();
        for (section, keys) in tables.into_values() {
            if seen.insert(section.clone()) {
                let keys: std::collections::BTreeMap<String, String> = keys
                    .into_iter()
                    .map(|k| (k.split(' ').next().unwrap_or("").to_owned(), k))
                    .collect();
                text.push_str(&format!(
                    "[{section}]\n{}",
                    keys.into_values().collect::<String>()
                ));
            }
        }
        text
    })
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        survive(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn random_files_of_known_words_never_panic(text in any_file()) {
        survive(&text);
    }

    /// The whole scenario with one piece replaced by another, or by a value.
    #[test]
    fn broken_scenarios_never_panic(
        from in 0..WHOLE.len(),
        length in 0..40_usize,
        other in 0..WHOLE.len(),
        value in prop::option::of(any_value()),
    ) {
        let floor = |i: usize| (0..=i.min(WHOLE.len())).rev().find(|i| WHOLE.is_char_boundary(*i)).unwrap_or(0);
        let (from, to) = (floor(from), floor(from + length));
        let piece = value.unwrap_or_else(|| WHOLE[floor(other)..floor(other + length)].to_owned());
        survive(&format!("{}{piece}{}", &WHOLE[..from], &WHOLE[to.max(from)..]));
    }

    /// The whole scenario with the value of one line replaced.
    #[test]
    fn any_value_of_any_key_is_read_or_refused(line in 0..WHOLE.lines().count(), value in any_value()) {
        let lines: Vec<String> = WHOLE
            .lines()
            .enumerate()
            .map(|(i, text)| match text.split_once('=') {
                Some((key, _)) if i == line => format!("{key}= {value}"),
                _ => text.to_owned(),
            })
            .collect();
        survive(&lines.join("\n"));
    }
}
