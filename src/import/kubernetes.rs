//! Deployments of Kubernetes: rolling updates by pods, without a gate and without a way back by themselves.

use super::document::Node;
use super::imported::{Dwell, Imported};
use super::objects::{few, is, name, objects, spec};
use super::program::{Program, in_batches, told_apart};
use super::refusal::Refusal;
use super::settings::Settings;
use super::unread::{Keys, list};
use super::{Given, Kind};

/// What `spec.progressDeadlineSeconds` is by default.
const PROGRESS_DEADLINE_S: i64 = 600;
/// What surge and unavailable are by default, in percent.
const DEFAULT_PERCENT: u64 = 25;

/// Deployments.
pub const KIND: Kind = Kind {
    name: "kubernetes",
    about: "Kubernetes (Deployment)",
    recognise,
    read,
};

fn recognise(given: &Given<'_>) -> bool {
    !deployments(given).is_empty()
}

fn read(given: &Given<'_>, settings: &Settings) -> Result<Vec<Imported>, Refusal> {
    let keys = Keys::of(include_str!("kubernetes.keys"));
    let mut all = Vec::new();
    for object in few(deployments(given).into_iter())? {
        let mut imported = deployment(object, settings)?;
        list(object, "", &keys, &mut imported);
        all.push(imported);
    }
    Ok(all)
}

/// Deployments that no other object of the files rolls out.
fn deployments<'g>(given: &'g Given<'_>) -> Vec<&'g Node> {
    let led: std::collections::HashSet<&str> = objects(given)
        .filter_map(|o| {
            let spec = o.get("spec")?;
            let target = spec.get("workloadRef").or_else(|| spec.get("targetRef"))?;
            target.text_of("name")
        })
        .collect();
    objects(given)
        .filter(|o| is(o, "apps", "Deployment") || is(o, "extensions", "Deployment"))
        .filter(|o| name(o).is_none_or(|n| !led.contains(n)))
        .collect()
}

fn deployment(object: &Node, settings: &Settings) -> Result<Imported, Refusal> {
    let spec = spec(object, "Deployment")?;
    let whole = |key: &str, default: i64| match spec.get(key) {
        Some(n) => n.whole(&format!("spec.{key}"), 0, i64::from(i32::MAX)),
        None => Ok(default),
    };
    let replicas = whole("replicas", 1)?.unsigned_abs();
    let healthy_s = whole("minReadySeconds", 0)?;
    let deadline_s = whole("progressDeadlineSeconds", PROGRESS_DEADLINE_S)?;
    if deadline_s <= healthy_s {
        let at = spec
            .get("progressDeadlineSeconds")
            .or_else(|| spec.get("minReadySeconds"))
            .map_or(spec.at, |n| n.at);
        let rule = format!(
            "progressDeadlineSeconds must be more than minReadySeconds, found {deadline_s} and {healthy_s}"
        );
        return Err(Refusal::new(at, rule));
    }
    let mut imported = Imported::new(KIND.name, name(object).unwrap_or("deployment"), object.at);
    let mut program = Program::default();
    if let Some(paused) = spec.get("paused")
        && paused.flag("spec.paused")?
    {
        imported.loses(
            paused.at,
            "paused: nothing begins until somebody resumes it; here it is under way",
        );
    }
    let healthy_s = healthy_s as f64;
    let start = Some(settings.pod_start.clone());
    let batches = match waves(spec, replicas)? {
        Update::Recreate => {
            let at = spec.at_path("strategy.type").map_or(spec.at, |n| n.at);
            let text = "Recreate: no pod answers from the end of the old ones until the new ones have started";
            imported.loses(at, text);
            let stage = (100.0, Dwell::Seconds(healthy_s));
            program.stage(&mut imported, stage, start, at, "all pods at once");
            1
        }
        Update::Rolling { surge, unavailable } => {
            let at = spec.get("strategy").map_or(spec.at, |n| n.at);
            let text = format!(
                "{replicas} pods, {surge} more and {unavailable} fewer at a time: batches of {}",
                surge + unavailable
            );
            imported.maps(at, text);
            let rolling = Rolling {
                replicas,
                surge,
                unavailable,
            };
            let batches = rolling.batches();
            let mut told = 0;
            for batch in told_apart(batches, &mut imported) {
                let seconds = (batch - told) as f64 * healthy_s;
                told = batch;
                let (new, old) = rolling.pods(batch);
                let share = share(new, old);
                let comment = format!("batch {batch} of {batches}: {new} new pods, {old} old ones");
                program.stage(
                    &mut imported,
                    (share, Dwell::Seconds(seconds)),
                    start.clone(),
                    at,
                    comment,
                );
            }
            if rolling.pods(batches).1 > 0 {
                let stage = (100.0, Dwell::Seconds(0.0));
                program.stage(&mut imported, stage, None, at, "the last old pods end");
            }
            batches
        }
    };
    let mut strategy = program.finish(&mut imported, settings);
    in_batches(&mut strategy, &mut imported, batches, healthy_s, settings);
    let text = format!(
        "no progress for {deadline_s} s is a condition that is shown: nothing goes back by itself"
    );
    imported.maps(spec.at, text);
    imported.assumes(
        object.at,
        "somebody who finds a fault undoes the rollout, in as many batches",
        None,
    );
    imported.assumes(
        object.at,
        "one Deployment in every region, in all its zones at once, requests even over pods that are ready",
        None,
    );
    imported.strategy = Some(strategy);
    Ok(imported)
}

enum Update {
    Recreate,
    Rolling { surge: u64, unavailable: u64 },
}

/// How pods are replaced: surge is rounded up, unavailable down, and is one where both are none after that.
fn waves(spec: &Node, replicas: u64) -> Result<Update, Refusal> {
    let strategy = spec.get("strategy");
    if let Some(strategy) = strategy {
        strategy.table("spec.strategy")?;
    }
    let rolling = strategy.and_then(|s| s.get("rollingUpdate"));
    match strategy.and_then(|s| s.get("type")) {
        None => {}
        Some(node) => match node.text("spec.strategy.type")? {
            "RollingUpdate" => {}
            "Recreate" if rolling.is_some() => {
                let rule = "rollingUpdate may not be there where the type is Recreate";
                return Err(Refusal::new(rolling.map_or(node.at, |r| r.at), rule));
            }
            "Recreate" => return Ok(Update::Recreate),
            _ => return Err(node.wrong("spec.strategy.type", "RollingUpdate or Recreate")),
        },
    }
    if let Some(rolling) = rolling {
        rolling.table("spec.strategy.rollingUpdate")?;
    }
    let amount = |key: &str| match rolling.and_then(|r| r.get(key)) {
        Some(node) => amount(node, key),
        None => Ok(Amount::Percent(DEFAULT_PERCENT)),
    };
    let (surge, unavailable) = (amount("maxSurge")?, amount("maxUnavailable")?);
    let at = rolling.map_or(spec.at, |r| r.at);
    if surge.is_none() && unavailable.is_none() {
        let rule = "maxSurge and maxUnavailable are both 0: nothing could ever be replaced";
        return Err(Refusal::new(at, rule).mend("make one of them at least 1"));
    }
    if matches!(unavailable, Amount::Percent(p) if p > 100) {
        return Err(Refusal::new(at, "maxUnavailable must be at most 100%"));
    }
    let surge = surge.of(replicas, true);
    let unavailable = match unavailable.of(replicas, false) {
        0 if surge == 0 => 1,
        n => n.min(replicas),
    };
    Ok(Update::Rolling { surge, unavailable })
}

#[derive(Clone, Copy)]
enum Amount {
    Pods(u64),
    Percent(u64),
}

impl Amount {
    fn is_none(self) -> bool {
        matches!(self, Amount::Pods(0) | Amount::Percent(0))
    }

    fn of(self, replicas: u64, up: bool) -> u64 {
        match self {
            Amount::Pods(n) => n,
            Amount::Percent(p) if up => (replicas * p).div_ceil(100),
            Amount::Percent(p) => replicas * p / 100,
        }
    }
}

fn amount(node: &Node, key: &str) -> Result<Amount, Refusal> {
    let text = node.as_text().unwrap_or("").trim();
    let number = |digits: &str| {
        digits
            .parse::<u32>()
            .ok()
            .filter(|n| i32::try_from(*n).is_ok())
    };
    let found = match text.strip_suffix('%') {
        Some(percent) => number(percent).map(|p| Amount::Percent(u64::from(p))),
        None => number(text).map(|n| Amount::Pods(u64::from(n))),
    };
    found.ok_or_else(|| node.wrong(key, "a number of pods or a percentage"))
}

/// A rolling update. Old pods end as soon as enough others are available, new ones begin as soon as there is room.
struct Rolling {
    replicas: u64,
    surge: u64,
    unavailable: u64,
}

impl Rolling {
    fn batches(&self) -> u64 {
        self.replicas.div_ceil(self.surge + self.unavailable).max(1)
    }

    /// New and old pods once the new ones of a batch, from 1, are ready and none of it counts as available yet.
    fn pods(&self, batch: u64) -> (u64, u64) {
        let at_once = self.surge + self.unavailable;
        let ended = self.unavailable + (batch - 1) * at_once;
        (
            self.replicas.min(batch * at_once),
            self.replicas.saturating_sub(ended),
        )
    }
}

/// The share of the new version in percent; all where there are no pods.
fn share(new: u64, old: u64) -> f64 {
    if old == 0 {
        return 100.0;
    }
    new as f64 * 100.0 / (new + old) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The controller's rules, moment by moment: at most `replicas + surge` pods, at least `replicas - unavailable`
    /// available ones.
    fn slow(replicas: u64, surge: u64, unavailable: u64) -> Vec<(u64, u64)> {
        let (mut new, mut available, mut old) = (0, 0, replicas);
        let mut seen = Vec::new();
        while available < replicas || old > 0 {
            loop {
                let before = (new, old);
                while new < replicas && new + old < replicas + surge {
                    new += 1;
                }
                while old > 0 && available + old > replicas - unavailable {
                    old -= 1;
                }
                if before == (new, old) {
                    break;
                }
            }
            if available < replicas {
                seen.push((new, old));
            }
            available = new;
        }
        seen
    }

    #[test]
    fn batches_are_those_of_the_controllers_rules() {
        for replicas in 1..=12 {
            for surge in 0..=14 {
                for unavailable in 0..=replicas {
                    if surge + unavailable == 0 {
                        continue;
                    }
                    let rolling = Rolling {
                        replicas,
                        surge,
                        unavailable,
                    };
                    let quick: Vec<_> = (1..=rolling.batches()).map(|b| rolling.pods(b)).collect();
                    assert_eq!(
                        quick,
                        slow(replicas, surge, unavailable),
                        "{replicas} {surge} {unavailable}"
                    );
                }
            }
        }
    }
}
