//! Jobs of Nomad: canaries beside the old allocations, then batches; multiregion deployments as waves.

mod hcl;
mod update;

use super::document::Node;
use super::imported::{Dwell, Imported, Stage};
use super::program::{Program, in_batches, told_apart};
use super::refusal::{At, Refusal};
use super::settings::Settings;
use super::strategy::{Bake, Wave};
use super::unread::{Keys, list};
use super::{Given, Kind};
use update::{Health, Update, field};

/// Nomad.
pub const KIND: Kind = Kind {
    name: "nomad",
    about: "Nomad (job in HCL, or in the JSON of its API)",
    recognise,
    read,
};

/// The most groups of a job, and the most regions.
const MOST_GROUPS: usize = 500;
/// What stands beside a job in a call of the API.
const AROUND: &str =
    "Job* EnforceIndex- EvalPriority- JobModifyIndex- PolicyOverride- PreserveCounts- Submission-";
/// Endings of names of files in HCL.
const ENDINGS: [&str; 2] = [".nomad", ".hcl"];

fn is_hcl(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

fn recognise(given: &Given<'_>) -> bool {
    given.names.iter().any(|name| is_hcl(name)) || given.documents.iter().any(|d| job(d).is_some())
}

/// The job in a document of the API.
fn job(document: &Node) -> Option<&Node> {
    let job = document.get("Job").unwrap_or(document);
    job.get("TaskGroups").is_some().then_some(job)
}

fn read(given: &Given<'_>, settings: &Settings) -> Result<Vec<Imported>, Refusal> {
    let mut all = Vec::new();
    for (index, name) in given.names.iter().enumerate() {
        if !is_hcl(name) {
            continue;
        }
        let tree = hcl::tree(given.texts[index], index, &settings.params)?;
        let jobs = tree.entries().iter().filter(|e| &*e.key == "job");
        let keys = Keys::of(include_str!("job.keys"));
        for entry in jobs {
            all.extend(read_job(&entry.value, &keys, settings)?);
        }
    }
    let keys = Keys::of(include_str!("json.keys"));
    let around = Keys::of(AROUND);
    for document in &given.documents {
        let Some(job) = job(document) else {
            continue;
        };
        let mut rollouts = read_job(job, &keys, settings)?;
        if let Some(first) = rollouts
            .first_mut()
            .filter(|_| !std::ptr::eq(job, document))
        {
            list(document, "", &around, first);
        }
        all.extend(rollouts);
    }
    Ok(all)
}

/// Values of all blocks of a name, or of a list in the JSON of the API.
fn blocks<'n>(node: &'n Node, name: &str, json: &str) -> Vec<&'n Node> {
    let blocks = node.entries().iter().filter(|e| &*e.key == name);
    blocks
        .map(|e| &e.value)
        .chain(node.items_of(json))
        .collect()
}

fn label<'n>(node: &'n Node, otherwise: &'n str) -> &'n str {
    let keys = [hcl::LABEL, "Name", "ID"];
    keys.iter()
        .find_map(|k| node.text_of(k))
        .unwrap_or(otherwise)
}

struct Group {
    name: String,
    at: At,
    count: u64,
    update: Update,
}

/// A rollout for each group. What is not read of a job is told with its first one.
fn read_job(job: &Node, keys: &Keys, settings: &Settings) -> Result<Vec<Imported>, Refusal> {
    job.table("job")?;
    let name = label(job, "job");
    let kind = match field(job, "type") {
        Some(n) => n.text("type")?,
        None => "service",
    };
    let nodes = blocks(job, "group", "TaskGroups");
    if nodes.is_empty() {
        return Err(Refusal::new(job.at, "a job needs a `group`"));
    }
    if nodes.len() > MOST_GROUPS {
        let rule = format!("a job with more than {MOST_GROUPS} groups");
        return Err(Refusal::new(nodes[MOST_GROUPS].at, rule));
    }
    let mut groups = Vec::new();
    for node in &nodes {
        let count = match field(node, "count") {
            Some(n) => n.whole("count", 0, 1_000_000)?.unsigned_abs(),
            None => 1,
        };
        let called = match nodes.len() {
            1 => name.to_owned(),
            _ => format!("{name}/{}", label(node, "group")),
        };
        groups.push(Group {
            name: called,
            at: node.at,
            count,
            update: Update::read(job, node)?,
        });
    }
    let with_canary = || groups.iter().filter(|g| g.update.canary > 0);
    let promotes = with_canary().filter(|g| g.update.auto_promote).count();
    if promotes > 0 && promotes < with_canary().count() {
        let rule = "auto_promote must be true in all groups with canaries, or in none of them";
        return Err(Refusal::new(job.at, rule));
    }
    // Canaries of all groups are promoted together, once all are healthy.
    let healthy = with_canary().map(|g| g.update.min_healthy_s);
    let promotion_s = healthy.fold(0.0, f64::max);
    let read = |g: &Group| group(g, job, kind, promotion_s, settings);
    let mut all = groups.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if let Some(first) = all.first_mut() {
        list(job, "", keys, first);
    }
    Ok(all)
}

fn group(
    group: &Group,
    job: &Node,
    kind: &str,
    promotion_s: f64,
    settings: &Settings,
) -> Result<Imported, Refusal> {
    let update = &group.update;
    let mut imported = Imported::new(KIND.name, &group.name, group.at);
    let mut program = Program::default();
    let at = update.at.unwrap_or(group.at);
    let start = Some(settings.pod_start.clone());
    let mut healthy_s = update.min_healthy_s;
    let mut batches = 1;
    let at_once = |imported: &mut Imported, program: &mut Program, comment: &str| {
        let all = (100.0, Dwell::Seconds(0.0));
        program.stage(imported, all, start.clone(), at, comment);
    };
    if kind != "service" {
        let text = format!(
            "a job of type {kind}: it has no canaries and batches of a known number; all at once here"
        );
        imported.loses(at, text);
        at_once(&mut imported, &mut program, "all at once");
        healthy_s = 0.0;
    } else if update.max_parallel == 0 {
        imported.maps(
            at,
            "max_parallel 0: a forced update without a deployment, nothing is waited for",
        );
        at_once(&mut imported, &mut program, "all at once");
        healthy_s = 0.0;
    } else {
        let left = canaries(
            group,
            promotion_s,
            at,
            start.clone(),
            &mut imported,
            &mut program,
        );
        batches = rolling(group, left, at, start, &mut imported, &mut program);
    }
    let mut strategy = program.finish(&mut imported, settings);
    let back = group.count.div_ceil(update.max_parallel.max(1));
    in_batches(
        &mut strategy,
        &mut imported,
        if batches == 0 { 1 } else { back },
        healthy_s,
        settings,
    );
    failing(update, at, &mut imported);
    if let Some(multiregion) = field(job, "multiregion") {
        strategy.waves = waves(multiregion, &mut imported)?;
    } else {
        imported.assumes(
            group.at,
            "one job in every region, in all its zones at once, requests even over allocations that run",
            None,
        );
    }
    imported.strategy = Some(strategy);
    Ok(imported)
}

/// The canaries, and who promotes them. Returns how many allocations are left to be replaced.
fn canaries(
    group: &Group,
    promotion_s: f64,
    at: At,
    start: Option<String>,
    imported: &mut Imported,
    program: &mut Program,
) -> u64 {
    let update = &group.update;
    let (canary, count) = (update.canary, group.count);
    if canary == 0 || count == 0 {
        return count;
    }
    let share = canary as f64 * 100.0 / (canary + count) as f64;
    let comment = format!("{canary} canaries beside {count} allocations");
    imported.maps(at, comment.clone());
    let by_hand = update.health == Health::Manual;
    if by_hand {
        program.stage(imported, (share, Dwell::Manual), start, at, comment);
    } else {
        let dwell = Dwell::Seconds(promotion_s);
        program.stage(imported, (share, dwell), start, at, comment);
    }
    if update.auto_promote {
        imported.maps(
            at,
            "auto_promote: promoted once the canaries of all groups are healthy",
        );
    } else {
        let dwell = (share, Dwell::Manual);
        program.stage(imported, dwell, None, at, "promoted by somebody");
    }
    if canary >= count {
        let all = (100.0, Dwell::Seconds(0.0));
        program.stage(imported, all, None, at, "promoted: the old allocations end");
    }
    count.saturating_sub(canary)
}

/// Batches of what is left. Returns how many they are.
fn rolling(
    group: &Group,
    left: u64,
    at: At,
    start: Option<String>,
    imported: &mut Imported,
    program: &mut Program,
) -> u64 {
    let update = &group.update;
    if group.count == 0 {
        let all = (100.0, Dwell::Seconds(0.0));
        program.stage(imported, all, None, at, "no allocations at all");
    }
    if left == 0 {
        return 1;
    }
    let batches = left.div_ceil(update.max_parallel);
    let mut told = 0;
    for batch in told_apart(batches, imported) {
        let new = group.count - left + (batch * update.max_parallel).min(left);
        let share = new as f64 * 100.0 / group.count as f64;
        let dwell = match update.health {
            Health::Manual => Dwell::Manual,
            Health::Checked => Dwell::Seconds((batch - told) as f64 * update.min_healthy_s),
        };
        told = batch;
        let comment = format!(
            "batch {batch} of {batches}: {new} of {} allocations",
            group.count
        );
        program.stage(imported, (share, dwell), start.clone(), at, comment);
    }
    batches
}

/// What is checked, and what becomes of a deployment that fails.
fn failing(update: &Update, at: At, imported: &mut Imported) {
    let text = "only health checks and deadlines fail a deployment: what makes allocations unhealthy is not simulated";
    imported.loses(at, text);
    let text = if update.auto_revert {
        "auto_revert: back to the last stable version, by a rolling update of its own"
    } else {
        "no auto_revert: a deployment that fails stays as it is; whoever finds a fault goes back by a rolling update"
    };
    imported.maps(at, text);
    if update.canary > 0 {
        let text = "before the promotion going back ends the canaries only, which is faster than said here";
        imported.loses(at, text);
    }
}

/// The regions, in their order, so many at a time; the times of the import become those of all regions.
fn waves(multiregion: &Node, imported: &mut Imported) -> Result<Vec<Wave>, Refusal> {
    let at = multiregion.at;
    let strategy = field(multiregion, "strategy");
    let regions = blocks(multiregion, "region", "Regions");
    let names: Vec<&str> = regions.iter().map(|r| label(r, "region")).collect();
    if names.is_empty() {
        return Err(Refusal::new(at, "a multiregion block needs a `region`"));
    }
    if names.len() > MOST_GROUPS {
        let rule = format!("a job in more than {MOST_GROUPS} regions");
        return Err(Refusal::new(at, rule));
    }
    let number = names.len() as u64;
    let parallel = match strategy.and_then(|s| field(s, "max_parallel")) {
        Some(n) => match n.whole("max_parallel", 0, i64::from(i32::MAX))? {
            0 => number,
            n => n.unsigned_abs().min(number),
        },
        None => number,
    };
    if let Some(node) = strategy.and_then(|s| field(s, "on_failure")) {
        match node.as_text().unwrap_or("") {
            "" => imported.loses(
                node.at,
                "a region that fails fails those after it only; here all go back together",
            ),
            "fail_all" => {
                imported.maps(node.at, "on_failure fail_all: all regions go back together")
            }
            "fail_local" => imported.loses(
                node.at,
                "on_failure fail_local: only the region that fails goes back, the others go on",
            ),
            _ => return Err(node.wrong("on_failure", "fail_all or fail_local")),
        }
    } else {
        imported.loses(
            at,
            "a region that fails fails those after it only; here all go back together",
        );
    }
    for region in regions
        .iter()
        .filter(|r| field(r, "count").is_some_and(|c| c.as_text() != Some("0")))
    {
        let text = "a count of its own: steps are those of the group's count in all regions";
        imported.loses(region.at, text);
    }
    over_regions(number, parallel, imported);
    let text = format!(
        "the regions of the world, in their order, stand for {}",
        names.join(", ")
    );
    imported.assumes(at, text, None);
    Ok(vec![Wave {
        regions: Vec::new(),
        parallel: u32::try_from(parallel).unwrap_or(u32::MAX),
        approval: false,
        bake: Bake::None,
        steps: Vec::new(),
        at,
        comment: format!(
            "{number} regions, {parallel} at a time; those that are done wait for the others"
        ),
    }])
}

/// Spreads the schedule of a region over equal regions of which so many are under way together.
fn over_regions(number: u64, parallel: u64, imported: &mut Imported) {
    /// Stages of a schedule that are written out.
    const MOST_STAGES: u64 = 10_000;
    let rounds = number.div_ceil(parallel);
    imported.manual_gates = imported
        .manual_gates
        .saturating_mul(u32::try_from(number).unwrap_or(u32::MAX));
    let before = (rounds - 1) as f64;
    let (full, done) = (imported.full_s, imported.done_s);
    imported.full_s = full.and_then(|full| done.map(|done| before * done + full));
    imported.done_s = done.map(|done| before * done + done);
    if rounds * imported.schedule.len() as u64 > MOST_STAGES {
        return imported.loses(
            imported.at,
            "the schedule is that of one region: there are too many",
        );
    }
    let of_one = std::mem::take(&mut imported.schedule);
    for round in 0..rounds {
        let finished = round * parallel;
        let under_way = parallel.min(number - finished);
        for stage in &of_one {
            let all = finished as f64 * 100.0 + under_way as f64 * stage.weight_percent;
            imported.schedule.push(Stage {
                weight_percent: all / number as f64,
                ..*stage
            });
        }
    }
}
