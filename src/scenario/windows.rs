//! Windows: stated hours and dates, laid out for each region over the simulated time.

use std::sync::Arc;

use super::check::Check;
use super::fields::Item;
use super::fleet::Regions;
use super::hours::{ZonedHours, zoned_hours};
use super::problem::Draft;
use super::source::Place;
use super::span::Times;
use crate::calendar::{DateRange, Intervals, WeeklyHours, open_hours};
use crate::plan::Windows;

/// Hours and dates as stated.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Stated {
    /// `None`: all hours of all regions.
    pub hours: Option<ZonedHours>,
    pub blackouts: Vec<DateRange>,
}

/// Windows laid out so far; the same ones are laid out once.
#[derive(Debug, Default)]
pub(super) struct Layouts {
    known: Vec<(Stated, Arc<Windows>)>,
}

/// A table of hours, or "always" to lift the strategy's.
pub(super) fn windows(item: &Item<'_>, check: &mut Check) -> Option<Option<ZonedHours>> {
    if item.as_text() == Some("always") {
        return Some(None);
    }
    zoned_hours(item, true, check).map(Some)
}

impl Layouts {
    /// The open hours of every region; nothing where actions may start at any time.
    pub fn of(
        &mut self,
        stated: Stated,
        at: Place,
        regions: &Regions,
        times: &Times,
        check: &mut Check,
    ) -> Option<Arc<Windows>> {
        if stated == Stated::default() {
            return None;
        }
        if let Some((_, windows)) = self.known.iter().find(|(known, _)| *known == stated) {
            return Some(Arc::clone(windows));
        }
        let windows = Arc::new(laid_out(&stated, at, regions, times, check)?);
        let (from, to) = times.simulated();
        let shut = windows
            .by_region
            .iter()
            .position(|open| open.next_open(from).is_none_or(|at| at >= to));
        if let Some(region) = shut {
            let name = &regions.fleet.regions[region].name;
            let rule = format!(
                "no action could ever start in {name}: its windows never open within the horizon"
            );
            check.note(Draft::new(at, "windows", rule));
        }
        self.known.push((stated, Arc::clone(&windows)));
        Some(windows)
    }
}

fn laid_out(
    stated: &Stated,
    at: Place,
    regions: &Regions,
    times: &Times,
    check: &mut Check,
) -> Option<Windows> {
    let (from, to) = times.span();
    let weekly = stated
        .hours
        .as_ref()
        .map_or_else(WeeklyHours::default, |h| h.weekly.clone());
    let named = stated.hours.as_ref().and_then(|h| h.zone.as_ref());
    let mut known: Vec<(&str, Arc<Intervals>)> = Vec::new();
    let mut by_region = Vec::with_capacity(regions.clocks.len());
    for clock in &regions.clocks {
        let clock = named.unwrap_or(clock);
        let laid = known.iter().find(|(name, _)| *name == clock.name());
        let open = match laid {
            Some((_, open)) => Arc::clone(open),
            None => {
                let open = open_hours(&weekly, &stated.blackouts, clock, from, to);
                if !check.take_room(2 * open.iter().len(), at) {
                    return None;
                }
                let open = Arc::new(open);
                known.push((clock.name(), Arc::clone(&open)));
                open
            }
        };
        by_region.push(open);
    }
    Some(Windows { by_region })
}
