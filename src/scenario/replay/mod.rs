//! Incidents that happened, each a fault of its own: a CSV file laid over a scenario.
//!
//! Every row becomes a table `[fault.NAME]`, or one for each fault that it may have been, and these take the place of the
//! scenario's faults. The tables are read as if they had been written so; hence every rule of the language holds, and a
//! mistake is shown in its cell.

mod column;
mod row;
mod sheet;

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use super::check::Check;
use super::files::Files;
use super::merge::Merged;
use super::problem::Draft;
use super::source::Place;
use super::value::{Entry, Node, Table, Value};
use super::{Problems, Request, Scenario, assemble, build, finish};

/// The most faults that all incidents become.
const MOST_FAULTS: usize = 200;

/// A scenario in which every change carries one of these incidents, all with the same chance.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Replay {
    /// The scenario, its faults being the incidents.
    pub scenario: Scenario,
    /// The incidents, as they come in the file.
    pub incidents: Vec<Incident>,
}

/// A bad change of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Incident {
    /// Its name.
    pub name: String,
    /// The faults of the plan that stand for it, by index. Those of incidents with `hit_regions` come first in the plan.
    pub faults: Range<usize>,
    /// In how many regions users were hit when it happened, if that is said.
    pub hit_regions: Option<u64>,
}

/// Reads a scenario and a file of incidents.
///
/// # Errors
/// [`Problems`]: every mistake of both at once, each in its place.
pub fn replay(request: &Request, incidents: &Path, files: &dyn Files) -> Result<Replay, Problems> {
    let mut check = Check::new(files);
    check.world_path.clone_from(&request.world_path);
    let mut merged = assemble::assemble(request, &mut check);
    let stem = request.scenario.file_stem().unwrap_or_default();
    let name = stem.to_string_lossy();
    // Once as it is, for mistakes in what incidents take nothing from.
    build::build(&merged, &name, &mut check);
    check.begin_again();
    let incidents = lay(&mut merged, incidents, &mut check);
    let scenario = finish(&merged, &name, check)?;
    Ok(Replay {
        scenario,
        incidents: incidents.unwrap_or_default(),
    })
}

/// Lays the incidents over a scenario, in the place of its faults; budgets may speak of those, and go, too.
fn lay(merged: &mut Merged, path: &Path, check: &mut Check) -> Option<Vec<Incident>> {
    let bytes = match check.files.read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let file = check.texts.add(path, b"", String::new(), false);
            let draft = Draft::new(Place::top(file), "", error.rule());
            return check.fail(match error.mend() {
                Some(mend) => draft.mend(mend),
                None => draft,
            });
        }
    };
    let sheet = sheet::read(path, &bytes, check)?;
    check.incidents = Some(sheet.header.at.file);
    let columns = column::columns(&sheet.header, check);
    let bases = merged.named("fault");
    let mut read: Vec<row::Read> = Vec::new();
    let (mut names, mut count) = (HashSet::new(), 0);
    for row in &sheet.rows {
        let Some(incident) = row::read(row, &columns, &bases, check) else {
            continue;
        };
        count += incident.faults.len();
        if count > MOST_FAULTS {
            let rule = format!(
                "a replay has at most {MOST_FAULTS} faults, and an incident without one counts as every fault of the scenario"
            );
            let draft = Draft::new(incident.name.at, "fault", rule);
            return check.fail(draft.mend("name the fault of each, or replay fewer at a time"));
        }
        if !incident
            .faults
            .iter()
            .all(|fault| names.insert(fault.key.clone()))
        {
            let rule = format!("there are two incidents `{}`", incident.name.text);
            let draft = Draft::new(incident.name.at, "name", rule);
            check.note(draft.mend("give each a name of its own, such as with its date"));
            continue;
        }
        read.push(incident);
    }
    let mut faults = Table::default();
    let mut incidents: Vec<Option<Incident>> = vec![None; read.len()];
    // Those of which is known how far they got come first, so that they are a stretch of the list.
    let mut places: Vec<usize> = (0..read.len()).collect();
    places.sort_by_key(|&i| read[i].hit_regions.is_none());
    for i in places {
        let incident = &mut read[i];
        let first = faults.len();
        std::mem::take(&mut incident.faults)
            .into_iter()
            .for_each(|fault| faults.put(fault));
        incidents[i] = Some(Incident {
            name: incident.name.text.clone(),
            faults: first..faults.len(),
            hit_regions: incident.hit_regions,
        });
    }
    let top = sheet.header.at;
    merged.replace("fault", Some(tables(faults, top)));
    merged.replace("change", Some(every_change(merged, top)));
    merged.replace("budget", None);
    Some(incidents.into_iter().flatten().collect())
}

/// `[change]` in which each is bad.
fn every_change(merged: &Merged, at: Place) -> Value {
    let mut change = match merged.single("change").map(|v| &v.node) {
        Some(Node::Table(table)) => table.clone(),
        _ => Table::default(),
    };
    change.put(Entry {
        key: "bad".to_owned(),
        key_at: at,
        value: Value {
            node: Node::Text("100%".to_owned()),
            at,
        },
    });
    tables(change, at)
}

fn tables(table: Table, at: Place) -> Value {
    Value {
        node: Node::Table(table),
        at,
    }
}
