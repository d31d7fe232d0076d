//! Steps, bakes and batches.

use std::sync::Arc;

use super::check::Check;
use super::fields::Item;
use super::literal::Unit;
use super::people::MOST_PARTS;
use super::source::Place;
use super::value::Node;
use super::vocabulary::{BAKE, STEP, ZONES};
use crate::plan::{Bake, BakeKind, Batches, Parts, Step, StepShare, Then, TimedBake};
use crate::random::Dist;

/// The most steps, and the most batch sizes.
const MOST_STEPS: usize = 1_000;

/// What is read, and what it takes for granted.
#[derive(Clone, Debug)]
pub(super) struct Needing<T> {
    pub read: T,
    /// The first place that needs an approval.
    pub approval: Option<Place>,
    /// The first place that speaks of boxes.
    pub boxes: Option<Place>,
}

impl<T> Needing<T> {
    /// Something that takes nothing for granted.
    pub fn nothing(read: T) -> Needing<T> {
        Needing {
            read,
            approval: None,
            boxes: None,
        }
    }

    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Needing<U> {
        Needing {
            read: change(self.read),
            approval: self.approval,
            boxes: self.boxes,
        }
    }
}

/// Reads the steps of a zone. `round`: whether shares are rounded up to whole boxes.
pub(super) fn steps(
    item: &Item<'_>,
    round: bool,
    check: &mut Check,
) -> Option<Needing<Arc<[Step]>>> {
    let items = item.list(
        "a list of steps, such as [{ to = \"10%\", bake = \"15m\" }]",
        check,
    )?;
    if items.is_empty() {
        return check.fail(
            item.draft("a zone needs a step")
                .mend("write steps = [{ to = \"100%\" }]"),
        );
    }
    if items.len() > MOST_STEPS {
        return check.fail(item.draft("a zone has at most 1,000 steps"));
    }
    let read: Vec<Option<Needing<Step>>> =
        items.iter().map(|item| step(item, round, check)).collect();
    let read: Vec<Needing<Step>> = read.into_iter().collect::<Option<_>>()?;
    Some(Needing {
        approval: read.iter().find_map(|s| s.approval),
        boxes: read.iter().find_map(|s| s.boxes),
        read: read.into_iter().map(|s| s.read).collect(),
    })
}

fn step(item: &Item<'_>, round: bool, check: &mut Check) -> Option<Needing<Step>> {
    let fields = item.fields(
        &STEP,
        "a table such as { to = \"10%\", bake = \"15m\" }",
        check,
    )?;
    let to = fields.need("to", "\"100%\"", check, |item, check| {
        share(item, round, check)
    });
    let takes = fields.or("takes", Dist::zero(), check, |item, check| {
        item.dist(Unit::Duration, check)
    });
    let parts = fields.or("in", Parts::Equal(1), check, parts);
    let bake = fields.maybe("bake", check, bake);
    let (to, takes, parts) = (to?, takes?, parts?);
    let bake = bake?.map_or(Needing::nothing(None), |bake| bake.map(Some));
    let speaks_of_boxes = |is_so: bool, key: &str| is_so.then(|| fields.place_of(key));
    let boxes = speaks_of_boxes(!matches!(to, StepShare::Exact(_)), "to")
        .or(speaks_of_boxes(parts == Parts::Boxes, "in"));
    Some(Needing {
        read: Step {
            to,
            takes,
            parts,
            bake: bake.read,
            origin: check.origin(fields.at),
        },
        approval: bake.approval,
        boxes,
    })
}

fn share(item: &Item<'_>, round: bool, check: &mut Check) -> Option<StepShare> {
    if item.as_text() == Some("one-box") {
        return Some(StepShare::OneBox);
    }
    if item.as_number() == Some(1.0) || item.as_text().map(str::trim) == Some("1") {
        let draft = item.draft("`to = 1` could be all of the traffic or one box");
        return check.fail(draft.mend("write to = \"100%\" or to = \"one-box\""));
    }
    let share = item.quantity(Unit::Share, check)?;
    Some(if round {
        StepShare::WholeBoxes(share)
    } else {
        StepShare::Exact(share)
    })
}

fn parts(item: &Item<'_>, check: &mut Check) -> Option<Parts> {
    if item.as_text() == Some("boxes") {
        return Some(Parts::Boxes);
    }
    if item.as_text().is_some() {
        return check.fail(item.draft("`in` must be a whole number of parts, or \"boxes\""));
    }
    item.whole(1, MOST_PARTS, check)
        .map(|n| Parts::Equal(n as u32))
}

/// Reads a bake.
pub(super) fn bake(item: &Item<'_>, check: &mut Check) -> Option<Needing<Bake>> {
    if item.as_text() == Some("manual") {
        let bake = Bake {
            kind: BakeKind::Manual,
            origin: check.origin(item.value.at),
        };
        return Some(Needing {
            read: bake,
            approval: Some(item.value.at),
            boxes: None,
        });
    }
    if !matches!(item.value.node, Node::Table(_)) {
        let lasts = item.dist(Unit::Duration, check)?;
        return Some(Needing::nothing(Bake {
            kind: timed(lasts, 0.0, None, Then::Go),
            origin: check.origin(item.value.at),
        }));
    }
    let fields = item.fields(&BAKE, Unit::Duration.wanted(), check)?;
    let lasts = fields.or("for", Dist::zero(), check, |item, check| {
        item.dist(Unit::Duration, check)
    });
    let min_requests = fields.or("min_requests", 0.0, check, |item, check| {
        item.quantity(Unit::Amount, check)
    });
    let at_most_s = fields.maybe("at_most", check, |item, check| {
        item.quantity(Unit::Duration, check)
    });
    let then = fields.or("then", Then::Go, check, |item, check| {
        item.choice(
            check,
            &[("go", Then::Go), ("stop", Then::Stop), ("ask", Then::Ask)],
        )
    });
    let (lasts, min_requests, at_most_s, then) = (lasts?, min_requests?, at_most_s?, then?);
    let draft = |key: &str, rule: &str| {
        super::problem::Draft::new(
            fields.place_of(key),
            super::fields::join(&fields.path, key),
            rule,
        )
    };
    if at_most_s.is_none() && fields.has("then") {
        let draft = draft(
            "then",
            "`then` says what happens after `at_most`, which is not there",
        );
        return check.fail(draft.mend("add `at_most = \"12h\"`, or remove `then`"));
    }
    if let (Some(at_most_s), Some(for_s)) = (at_most_s, lasts.as_certain())
        && at_most_s < for_s
    {
        let draft = draft(
            "at_most",
            "`at_most` is shorter than `for`, so the bake never lasts as long as it should",
        );
        return check.fail(draft.mend("make `at_most` the longer one"));
    }
    let approval = (then == Then::Ask).then(|| fields.place_of("then"));
    Some(Needing {
        read: Bake {
            kind: timed(lasts, min_requests, at_most_s, then),
            origin: check.origin(item.value.at),
        },
        approval,
        boxes: None,
    })
}

fn timed(lasts: Dist, min_requests: f64, at_most_s: Option<f64>, then: Then) -> BakeKind {
    BakeKind::Timed(TimedBake {
        lasts,
        min_requests,
        at_most_s,
        then,
    })
}

/// Batches of a region's zones, and the bake after each.
#[derive(Clone, Debug)]
pub(super) struct ZonesRead {
    pub batches: Batches,
    pub bake: Option<Bake>,
}

impl Default for ZonesRead {
    /// One zone at a time.
    fn default() -> ZonesRead {
        ZonesRead {
            batches: Batches {
                sizes: vec![1],
                rest: false,
            },
            bake: None,
        }
    }
}

/// Reads `zones = { ... }`.
pub(super) fn zones(item: &Item<'_>, check: &mut Check) -> Option<Needing<ZonesRead>> {
    let fields = item.fields(
        &ZONES,
        "a table such as { batches = [1, \"rest\"], bake = \"30m\" }",
        check,
    )?;
    let batches = fields.or("batches", ZonesRead::default().batches, check, batches);
    let bake = fields.maybe("bake", check, bake);
    let batches = batches?;
    let bake = bake?.map_or(Needing::nothing(None), |bake| bake.map(Some));
    Some(bake.map(|bake| ZonesRead { batches, bake }))
}

fn batches(item: &Item<'_>, check: &mut Check) -> Option<Batches> {
    let items = item.list(
        "a list of numbers of zones, such as [1, 2, \"rest\"]",
        check,
    )?;
    if items.is_empty() {
        return check.fail(
            item.draft("`batches` is empty")
                .mend("write [1] for one zone at a time, [\"rest\"] for all"),
        );
    }
    if items.len() > MOST_STEPS {
        return check.fail(item.draft("`batches` has at most 1,000 numbers"));
    }
    let mut batches = Batches {
        sizes: Vec::new(),
        rest: false,
    };
    let last = items.len() - 1;
    let mut is_fine = true;
    for (i, item) in items.iter().enumerate() {
        if item.as_text() == Some("rest") {
            batches.rest = true;
            if i < last {
                is_fine = false;
                check.note(item.draft("\"rest\" comes last, since it takes all that is left"));
            }
            continue;
        }
        if item.as_text().is_some() {
            is_fine = false;
            check.note(item.draft("a batch is a whole number of zones, or \"rest\""));
            continue;
        }
        match batch(item, check) {
            Some(size) => batches.sizes.push(size),
            None => is_fine = false,
        }
    }
    is_fine.then_some(batches)
}

fn batch(item: &Item<'_>, check: &mut Check) -> Option<usize> {
    item.whole(1, 10_000, check).map(|n| n as usize)
}
