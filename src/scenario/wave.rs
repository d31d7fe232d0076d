//! Waves: what each targets, and what it does differently.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::check::Check;
use super::fields::{Fields, Item, short};
use super::fleet::Regions;
use super::hours::ZonedHours;
use super::people::people;
use super::problem::Draft;
use super::source::Place;
use super::step::{self, Needing, ZonesRead};
use super::value::Node;
use super::vocabulary::WAVE;
use super::windows::windows;
use crate::plan::{Bake, PeopleDelay, Step, Target, TargetSpec};

/// The most waves of a strategy.
const MOST_WAVES: usize = 1_000;

/// A wave as it is written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub spec: Spec,
    /// Where its targets are stated, or else the wave.
    pub at: Place,
    pub parallel: usize,
    pub approval: Approval,
    pub bake: Needing<Option<Bake>>,
    pub steps: Option<Needing<Arc<[Step]>>>,
    pub zones: Option<Needing<ZonesRead>>,
    /// `Some(None)` lifts the strategy's windows.
    pub windows: Option<Option<ZonedHours>>,
    pub windows_at: Place,
}

/// Whether a wave needs an approval first.
#[derive(Clone, Debug)]
pub(super) enum Approval {
    /// No.
    None,
    /// Yes, and people take as long as the strategy says.
    AsStrategy,
    /// Yes, and people take this long.
    Takes(PeopleDelay),
}

/// What a wave targets, names resolved.
#[derive(Clone, Debug)]
pub(super) enum Spec {
    Next(usize),
    Rest,
    Named(Vec<Named>),
}

/// A region, or one zone of one, and where it is named.
#[derive(Clone, Debug)]
pub(super) struct Named {
    region: usize,
    zone: Option<usize>,
    at: Place,
}

/// Reads the waves of a strategy. `round`: whether shares are rounded up to whole boxes.
pub(super) fn waves(
    item: &Item<'_>,
    round: bool,
    has_hours: bool,
    regions: &Regions,
    check: &mut Check,
) -> Option<Vec<Written>> {
    let items = item.list(
        "a list of waves, such as [{ regions = 1 }, { regions = \"rest\" }]",
        check,
    )?;
    if items.is_empty() {
        let draft = item.draft("`waves` is empty, so nothing would be rolled out");
        return check.fail(draft.mend("write [{ regions = \"rest\" }], or leave `waves` out"));
    }
    if items.len() > MOST_WAVES {
        return check.fail(item.draft("a strategy has at most 1,000 waves"));
    }
    let mut read = Vec::new();
    for item in &items {
        let fields = item.fields(
            &WAVE,
            "a table such as { regions = 1, bake = \"12h\" }",
            check,
        );
        read.push(fields.and_then(|fields| wave(&fields, round, has_hours, regions, check)));
    }
    read.into_iter().collect()
}

fn wave(
    fields: &Fields<'_>,
    round: bool,
    has_hours: bool,
    regions: &Regions,
    check: &mut Check,
) -> Option<Written> {
    let spec = fields.need("regions", "1", check, |item, check| {
        spec(item, regions, check)
    });
    let parallel = fields.or("parallel", 1, check, |item, check| {
        item.whole(1, 10_000, check)
    });
    let approval = fields.or("approval", Approval::None, check, |item, check| {
        approval(item, has_hours, check)
    });
    let bake = fields.maybe("bake", check, step::bake);
    let steps = fields.maybe("steps", check, |item, check| {
        step::steps(item, round, check)
    });
    let zones = fields.maybe("zones", check, step::zones);
    let windows = fields.maybe("windows", check, windows);
    Some(Written {
        spec: spec?,
        at: fields.place_of("regions"),
        parallel: parallel? as usize,
        approval: approval?,
        bake: bake?.map_or(Needing::nothing(None), |bake| bake.map(Some)),
        steps: steps?,
        zones: zones?,
        windows: windows?,
        windows_at: fields.place_of("windows"),
    })
}

fn approval(item: &Item<'_>, has_hours: bool, check: &mut Check) -> Option<Approval> {
    match item.value.node {
        Node::Flag(true) => Some(Approval::AsStrategy),
        Node::Flag(false) => Some(Approval::None),
        _ => people(item, has_hours, check).map(Approval::Takes),
    }
}

fn spec(item: &Item<'_>, regions: &Regions, check: &mut Check) -> Option<Spec> {
    let example =
        "write a number of regions, a list such as [\"eu-west-1\", \"us-east-1/2\"], or \"rest\"";
    match &item.value.node {
        Node::Text(text) if text == "rest" => Some(Spec::Rest),
        Node::Text(text) if regions.named(text).is_some() => {
            let draft = item.draft("a region by name stands in a list");
            check.fail(draft.mend(format!("write regions = [{text:?}]")))
        }
        Node::List(_) => named(item, regions, check),
        Node::Whole(_) | Node::Real(_) => {
            item.whole(1, 1_000, check).map(|n| Spec::Next(n as usize))
        }
        _ => check.fail(
            item.draft("`regions` says which regions the wave takes")
                .mend(example),
        ),
    }
}

fn named(item: &Item<'_>, regions: &Regions, check: &mut Check) -> Option<Spec> {
    let items = item.list("a list of regions", check)?;
    if items.is_empty() {
        return check.fail(
            item.draft("the wave is empty")
                .mend("name regions, or remove the wave"),
        );
    }
    let read: Vec<Option<Named>> = items
        .iter()
        .map(|item| target(item, regions, check))
        .collect();
    read.into_iter().collect::<Option<_>>().map(Spec::Named)
}

/// `eu-west-1`, or `eu-west-1/2` for one zone.
fn target(item: &Item<'_>, regions: &Regions, check: &mut Check) -> Option<Named> {
    let text = item.text(check)?;
    let (name, number) = match text.split_once('/') {
        Some((name, number)) => (name, Some(number)),
        None => (text, None),
    };
    let Some(region) = regions.named(name) else {
        return check.fail(regions.unknown(name, item));
    };
    let zones = regions.fleet.regions[region].zones.clone();
    let Some(number) = number else {
        return Some(Named {
            region,
            zone: None,
            at: item.value.at,
        });
    };
    match number.parse::<usize>() {
        Ok(n) if (1..=zones.len()).contains(&n) => Some(Named {
            region,
            zone: Some(zones.start + n - 1),
            at: item.value.at,
        }),
        // How many zones there are is not known: a mistake, but not here.
        Ok(n) if n >= 1 && !regions.zones_known[region] => None,
        _ => {
            let rule = format!(
                "{name} has no zone `{}`: its zones are numbered from 1 to {}",
                short(number),
                zones.len()
            );
            check.fail(item.draft(rule))
        }
    }
}

/// Turns what waves name into zones: each zone is in one wave, and a region has the zones that are not named singly.
pub(super) fn resolved(
    waves: &[Written],
    regions: &Regions,
    check: &mut Check,
) -> Option<Vec<TargetSpec>> {
    let mut singly: BTreeMap<usize, Place> = BTreeMap::new();
    let mut whole: BTreeMap<usize, Place> = BTreeMap::new();
    let before = check.mistakes;
    for named in waves.iter().flat_map(named_of) {
        let earlier = match named.zone {
            Some(zone) => singly.insert(zone, named.at),
            None => whole.insert(named.region, named.at),
        };
        if let Some(earlier) = earlier {
            let draft = Draft::new(named.at, "waves", "this is in a wave already");
            check.note(draft.also(earlier, "here"));
        }
    }
    let specs = waves.iter().map(|wave| match &wave.spec {
        Spec::Next(n) => TargetSpec::Next(*n),
        Spec::Rest => TargetSpec::Rest,
        Spec::Named(list) => TargetSpec::Named(
            list.iter()
                .map(|named| zones_of(named, &singly, regions, check))
                .collect(),
        ),
    });
    let specs = specs.collect();
    (check.mistakes == before).then_some(specs)
}

fn named_of(wave: &Written) -> &[Named] {
    match &wave.spec {
        Spec::Named(list) => list,
        Spec::Next(_) | Spec::Rest => &[],
    }
}

fn zones_of(
    named: &Named,
    singly: &BTreeMap<usize, Place>,
    regions: &Regions,
    check: &mut Check,
) -> Target {
    let region = named.region;
    let zones: Vec<usize> = match named.zone {
        Some(zone) => vec![zone],
        None => regions.fleet.regions[region]
            .zones
            .clone()
            .filter(|z| !singly.contains_key(z))
            .collect(),
    };
    if zones.is_empty() {
        let name = &regions.fleet.regions[region].name;
        let rule = format!(
            "all zones of {name} are in waves by themselves, so nothing is left of it here"
        );
        check.note(Draft::new(named.at, "waves", rule));
    }
    Target { region, zones }
}

impl Written {
    /// The one wave of a strategy that states none: all regions, one after the other.
    pub fn of_the_rest(at: Place) -> Written {
        Written {
            spec: Spec::Rest,
            at,
            parallel: 1,
            approval: Approval::None,
            bake: Needing::nothing(None),
            steps: None,
            zones: None,
            windows: None,
            windows_at: at,
        }
    }
}
