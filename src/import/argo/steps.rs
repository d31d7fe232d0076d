//! The items of `canary.steps`, checked as the controller checks them.

use crate::import::document::Node;
use crate::import::duration::go_duration_s;
use crate::import::refusal::{Refusal, short};

/// Of these an item has one.
const EXCLUSIVE: [&str; 4] = ["setWeight", "pause", "experiment", "analysis"];
/// And these may stand beside it.
const OTHERS: [&str; 4] = [
    "setCanaryScale",
    "setHeaderRoute",
    "setMirrorRoute",
    "plugin",
];
/// Most items.
const MOST_STEPS: usize = 500;

/// An item of the list.
#[derive(Clone, Copy, Debug)]
pub struct Item<'n> {
    pub node: &'n Node,
    pub weight: Option<u64>,
    pub pause: Option<Pause>,
    pub experiment: Option<&'n Node>,
    pub analysis: Option<&'n Node>,
    pub scale: Option<&'n Node>,
}

/// A pause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pause {
    Timed(f64),
    Manual,
}

impl Item<'_> {
    /// Whether the rollout waits for an analysis or experiment of this item: what decides is the first there is of pause,
    /// scale, weight, experiment, analysis.
    pub fn waits(&self) -> bool {
        self.pause.is_none() && self.scale.is_none()
    }
}

/// Reads the items. `most`: the largest weight.
pub fn items<'n>(canary: &'n Node, routed: bool, most: u64) -> Result<Vec<Item<'n>>, Refusal> {
    let Some(steps) = canary.get("steps") else {
        return Ok(Vec::new());
    };
    let list = steps.list("canary.steps")?;
    if list.len() > MOST_STEPS {
        return Err(Refusal::new(
            steps.at,
            format!("canary.steps has more than {MOST_STEPS} items"),
        ));
    }
    list.iter().map(|node| item(node, routed, most)).collect()
}

fn item(node: &Node, routed: bool, most: u64) -> Result<Item<'_>, Refusal> {
    let entries = node.table("an item of canary.steps")?;
    for entry in entries {
        if !EXCLUSIVE.contains(&&*entry.key) && !OTHERS.contains(&&*entry.key) {
            let rule = format!("an item of canary.steps knows no `{}`", short(&entry.key));
            return Err(Refusal::new(entry.at, rule));
        }
    }
    let own = EXCLUSIVE.iter().filter(|k| node.get(k).is_some()).count();
    let others = OTHERS.iter().filter(|k| node.get(k).is_some()).count();
    if own > 1 {
        let rule =
            "an item of canary.steps has at most one of setWeight, pause, experiment and analysis";
        return Err(Refusal::new(node.at, rule).mend("give each an item of its own"));
    }
    if own + others == 0 {
        return Err(
            Refusal::new(node.at, "an item of canary.steps does nothing")
                .mend("write one such as `setWeight: 20` or `pause: {}`"),
        );
    }
    for key in ["setCanaryScale", "setHeaderRoute", "setMirrorRoute"] {
        if let Some(inside) = node.get(key)
            && !routed
        {
            return Err(Refusal::new(
                inside.at,
                format!("{key} needs canary.trafficRouting"),
            ));
        }
    }
    let weight = match node.get("setWeight") {
        Some(n) => Some(n.whole("setWeight", 0, most as i64)?.unsigned_abs()),
        None => None,
    };
    let pause = node.get("pause").map(pause).transpose()?;
    Ok(Item {
        node,
        weight,
        pause,
        experiment: node.get("experiment"),
        analysis: node.get("analysis"),
        scale: node.get("setCanaryScale"),
    })
}

fn pause(node: &Node) -> Result<Pause, Refusal> {
    node.table("pause")?;
    match node.get("duration") {
        None => Ok(Pause::Manual),
        Some(duration) => duration_s(duration, "pause.duration").map(Pause::Timed),
    }
}

/// Seconds of a whole number, in quotes or not, or of a duration of Go.
pub fn duration_s(node: &Node, what: &str) -> Result<f64, Refusal> {
    let text = node.text(what)?.trim();
    let whole = text.parse::<i32>().ok().filter(|n| *n >= 0).map(f64::from);
    whole.or_else(|| go_duration_s(text)).ok_or_else(|| {
        node.wrong(what, "seconds, or a duration such as 90s or 1h30m")
            .mend("Go's durations have no days: write 24h for a day")
    })
}
