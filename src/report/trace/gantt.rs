//! A rollout as a Gantt chart: regions and zones down, time across, the new version's share as fill.

use super::spans::{Kind, Span};
use super::{Spans, Told};
use crate::outcome::Outcome;
use crate::report::chart::axis::Axis;
use crate::report::chart::font::Weight;
use crate::report::chart::look;
use crate::report::chart::scene::{Align, Ink, Item, Point, Role, Scene, Text, at};
use crate::report::quantity::Quantity;
use crate::report::text::{clean, shortened};
use crate::trace::{Site, What};

const WIDTH: u32 = 1_080;
const LEFT: f64 = 150.0;
const RIGHT: f64 = 1_056.0;
/// Where the waves are, and where the regions begin.
const WAVES: f64 = 86.0;
const FIRST: f64 = 116.0;
/// Heights of a zone's row, and the room between regions.
const TALLEST_ROW: f64 = 12.0;
const LOWEST_ROW: f64 = 3.0;
const ROWS: f64 = 640.0;
const BETWEEN: f64 = 4.0;
/// The least height of a region, for its name.
const LEAST_REGION: f64 = 13.0;
const BELOW: f64 = 84.0;
const TITLE: f64 = 17.0;
const BODY: f64 = 12.0;
const SMALL: f64 = 11.0;
/// Longest name of a region, in columns.
const NAME_COLUMNS: usize = 20;

/// Of the new version, of what the fault hits, of bakes, of alarms.
const NEW: Ink = look::NEW;
const HIT: Ink = look::HIT;
const BAKE: Ink = look::TEXT;
const ALARM: Ink = look::TEXT;

/// Where everything is.
struct Frame {
    axis: Axis,
    /// The regions that are shown.
    regions: Vec<usize>,
    /// For each zone the upper edge of its row, if it has one.
    tops: Vec<Option<f64>>,
    row: f64,
    bottom: f64,
}

impl Frame {
    fn new(told: &Told<'_>) -> Frame {
        let fleet = &told.plan.fleet;
        let regions = told.regions_with_something();
        let zones: usize = regions.iter().map(|&r| fleet.regions[r].zones.len()).sum();
        let row = (ROWS / zones.max(1) as f64).clamp(LOWEST_ROW, TALLEST_ROW);
        let mut tops = vec![None; fleet.zones.len()];
        let mut y = FIRST;
        for &region in &regions {
            let zones = fleet.regions[region].zones.clone();
            let height = zones.len() as f64 * row;
            for (i, zone) in zones.enumerate() {
                tops[zone] = Some(y + i as f64 * row);
            }
            y += height.max(LEAST_REGION) + BETWEEN;
        }
        let end = told.end_s().max(1.0);
        Frame {
            axis: Axis::new(Quantity::Duration, &[end], &[], LEFT, RIGHT),
            regions,
            tops,
            row,
            bottom: y,
        }
    }

    fn x(&self, at_s: f64) -> f64 {
        self.axis.place(at_s.max(0.0))
    }

    /// The middle of where something is; where no region is shown, and for all of them, at the top.
    fn y(&self, told: &Told<'_>, site: Site) -> f64 {
        let zones = match site {
            Site::Zone(zone) => zone..zone + 1,
            Site::Region(region) => told.plan.fleet.regions[region].zones.clone(),
            Site::Fleet => 0..0,
        };
        let top = |zone: Option<usize>| zone.and_then(|zone| self.tops[zone]);
        match (top(zones.clone().next()), top(zones.last())) {
            (Some(first), Some(last)) => (first + last + self.row) / 2.0,
            _ => WAVES + 8.0,
        }
    }
}

/// What a zone was like over time.
#[derive(Clone, Debug)]
struct History {
    /// One after the other, from the rollout's start on.
    states: Vec<State>,
    /// When it first had new version; infinite if it never did.
    first_new_s: f64,
}

/// What a zone was like from a moment on.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    since_s: f64,
    share: f64,
    hit: bool,
}

impl Default for History {
    fn default() -> History {
        History {
            states: vec![State::default()],
            first_new_s: f64::INFINITY,
        }
    }
}

impl History {
    fn last(&self) -> State {
        self.states.last().copied().unwrap_or_default()
    }

    fn then(&mut self, since_s: f64, share: f64, hit: bool) {
        self.states.push(State {
            since_s,
            share,
            hit,
        });
    }
}

impl Told<'_> {
    /// The rollout as a Gantt chart.
    pub fn gantt(&self, spans: &Spans) -> Scene {
        let frame = Frame::new(self);
        let title = format!("{} under \"{}\"", self.run(), self.strategy().name);
        let height = (frame.bottom + BELOW) as u32;
        let mut scene = Scene::new(
            WIDTH,
            height,
            format!("Rollout {title}, region by region over time"),
        );
        let histories = self.histories();
        heading(&mut scene, &title, &self.subtitle(frame.regions.len()));
        self.draw_grid(&mut scene, &frame);
        self.draw_waves(&mut scene, &frame, &spans.all);
        self.draw_shares(&mut scene, &frame, &histories);
        draw_bakes(&mut scene, &frame, self, &spans.all, &histories);
        self.draw_marks(&mut scene, &frame);
        legend(&mut scene, frame.bottom + 58.0);
        scene
    }

    /// Regions that had new version, or were hit.
    fn regions_with_something(&self) -> Vec<usize> {
        let fleet = &self.plan.fleet;
        let mut has = vec![false; fleet.regions.len()];
        for happening in &self.trace.happenings {
            if let What::Share { zone, .. } | What::ZoneHit { zone, .. } = happening.what {
                has[fleet.zones[zone].region] = true;
            }
        }
        (0..has.len()).filter(|&r| has[r]).collect()
    }

    /// What each zone was like over time.
    fn histories(&self) -> Vec<History> {
        let mut histories = vec![History::default(); self.plan.fleet.zones.len()];
        for happening in &self.trace.happenings {
            match happening.what {
                What::Share { zone, share } => {
                    let history = &mut histories[zone];
                    history.first_new_s = history.first_new_s.min(happening.at_s);
                    let hit = history.last().hit;
                    history.then(happening.at_s, share, hit);
                }
                What::ZoneHit { zone, hit } => {
                    let share = histories[zone].last().share;
                    histories[zone].then(happening.at_s, share, hit);
                }
                _ => {}
            }
        }
        histories
    }

    /// `shown`: how many regions have a row.
    fn subtitle(&self, shown: usize) -> String {
        let Outcome {
            ending,
            blast_radius,
            ..
        } = self.trace.outcome;
        let moment = self.moment(0.0);
        let from = moment.get(..16).unwrap_or_default().replace('T', " ");
        let hit = if blast_radius > 0.0 {
            format!(
                ", at worst {} of all traffic hit",
                Quantity::Share.text(blast_radius)
            )
        } else {
            String::new()
        };
        let all = self.plan.fleet.regions.len();
        let rest = if shown < all {
            format!(" The new version came to {shown} of {all} regions.")
        } else {
            String::new()
        };
        format!("From {from} UTC; {}{hit}.{rest}", ending.name())
    }

    fn draw_grid(&self, scene: &mut Scene, frame: &Frame) {
        for tick in frame.axis.ticks(70.0) {
            let (top, bottom) = (at(tick.place, FIRST - 4.0), at(tick.place, frame.bottom));
            scene.line([top, bottom], 1.0, look::GRID);
            write(
                scene,
                at(tick.place, frame.bottom + 16.0),
                Align::Middle,
                SMALL,
                &tick.text,
            );
        }
        let middle = (LEFT + RIGHT) / 2.0;
        write(
            scene,
            at(middle, frame.bottom + 34.0),
            Align::Middle,
            BODY,
            "time since the rollout's start",
        );
        for &r in &frame.regions {
            let region = &self.plan.fleet.regions[r];
            let y = frame.y(self, Site::Region(r)) + 0.36 * SMALL;
            let name = shortened(&clean(&region.name), NAME_COLUMNS);
            write(scene, at(LEFT - 8.0, y), Align::End, SMALL, &name);
            for zone in region.zones.clone() {
                let Some(top) = frame.tops[zone] else {
                    continue;
                };
                let row = block((LEFT, RIGHT), (top + 0.5, top + frame.row - 0.5));
                scene.items.push(Item::Area {
                    corners: row,
                    ink: look::STRIPE,
                });
            }
        }
    }

    fn draw_waves(&self, scene: &mut Scene, frame: &Frame, spans: &[Span]) {
        write(
            scene,
            at(LEFT - 8.0, WAVES + 12.0),
            Align::End,
            SMALL,
            "waves",
        );
        let waves = spans.iter().filter(|s| s.kind == Kind::Wave);
        for (i, wave) in waves.enumerate() {
            let (left, right) = (frame.x(wave.from_s), frame.x(wave.until_s));
            let ink = if i % 2 == 0 {
                Ink::of(Role::Shade)
            } else {
                Ink::of(Role::DeepShade)
            };
            let corners = block((left, right), (WAVES, WAVES + 16.0));
            scene.items.push(Item::Area { corners, ink });
            let number = wave.name.trim_start_matches("wave ");
            if right - left > 8.0 + 7.0 * number.len() as f64 {
                write(
                    scene,
                    at((left + right) / 2.0, WAVES + 12.0),
                    Align::Middle,
                    SMALL,
                    number,
                );
            }
        }
    }

    /// Shares of zones over time, in another colour while the fault hits them.
    fn draw_shares(&self, scene: &mut Scene, frame: &Frame, histories: &[History]) {
        let end_s = self.end_s();
        for (top, history) in frame.tops.iter().zip(histories) {
            let Some(top) = top else {
                continue;
            };
            let bottom = top + frame.row - 0.5;
            let untils = history.states.iter().skip(1).map(|next| next.since_s);
            for (state, until_s) in history.states.iter().zip(untils.chain([end_s])) {
                let State {
                    since_s: from_s,
                    share,
                    hit,
                } = *state;
                if (share <= 0.0 && !hit) || until_s <= from_s {
                    continue;
                }
                // A zone that is hit without new version shows the least there is to see.
                let tall = (share * (frame.row - 1.0)).max(1.0);
                let across = (frame.x(from_s), frame.x(until_s).max(frame.x(from_s) + 0.5));
                let corners = block(across, (bottom - tall, bottom));
                let ink = if hit { HIT } else { NEW };
                scene.items.push(Item::Area { corners, ink });
            }
        }
    }

    fn draw_marks(&self, scene: &mut Scene, frame: &Frame) {
        for happening in &self.trace.happenings {
            let x = frame.x(happening.at_s);
            match happening.what {
                What::Stopped { .. } => {
                    let (top, bottom) = (at(x, WAVES - 4.0), at(x, frame.bottom));
                    scene.line([top, bottom], 1.5, ALARM);
                }
                What::FaultWakes { site, .. } => {
                    let y = frame.y(self, site);
                    scene.items.push(Item::Disc {
                        middle: at(x, y),
                        radius: 4.0,
                        ink: look::PAPER,
                    });
                    scene.items.push(Item::Disc {
                        middle: at(x, y),
                        radius: 3.0,
                        ink: HIT,
                    });
                }
                What::Datapoint(d) if d.fires && d.may_act => {
                    let corners = triangle(at(x, frame.y(self, d.site)));
                    scene.items.push(Item::Area {
                        corners,
                        ink: ALARM,
                    });
                }
                _ => {}
            }
        }
    }
}

/// Bakes of zones and regions, as a line below.
fn draw_bakes(
    scene: &mut Scene,
    frame: &Frame,
    told: &Told<'_>,
    spans: &[Span],
    histories: &[History],
) {
    for bake in spans.iter().filter(|s| s.kind == Kind::Bake) {
        let zones = match bake.site {
            Site::Zone(zone) => zone..zone + 1,
            Site::Region(region) => told.plan.fleet.regions[region].zones.clone(),
            Site::Fleet => continue,
        };
        for zone in zones.filter(|&z| histories[z].first_new_s <= bake.from_s) {
            let Some(top) = frame.tops[zone] else {
                continue;
            };
            let y = top + frame.row - 1.0;
            let ends = [at(frame.x(bake.from_s), y), at(frame.x(bake.until_s), y)];
            scene.line(ends, 1.25, BAKE);
        }
    }
}

fn heading(scene: &mut Scene, title: &str, subtitle: &str) {
    scene.write(Text {
        at: at(24.0, 34.0),
        align: Align::Start,
        text: shortened(&clean(title), 90),
        size: TITLE,
        weight: Weight::Bold,
        ink: look::TEXT,
    });
    write(scene, at(24.0, 56.0), Align::Start, BODY, subtitle);
}

fn legend(scene: &mut Scene, y: f64) {
    let mut x = LEFT;
    let mut entry = |scene: &mut Scene, text: &str, draw: &dyn Fn(&mut Scene, f64)| {
        draw(scene, x);
        write(scene, at(x + 24.0, y + 4.0), Align::Start, SMALL, text);
        x += 24.0 + 6.6 * text.len() as f64 + 22.0;
    };
    let swatch = |ink: Ink| {
        move |scene: &mut Scene, x: f64| {
            let corners = block((x, x + 16.0), (y - 5.0, y + 5.0));
            scene.items.push(Item::Area { corners, ink });
        }
    };
    entry(scene, "new version, as high as its share", &swatch(NEW));
    entry(scene, "hit by the fault", &swatch(HIT));
    entry(scene, "bake", &|scene, x| {
        scene.line([at(x, y), at(x + 16.0, y)], 1.5, BAKE)
    });
    entry(scene, "fault wakes", &|scene, x| {
        scene.items.push(Item::Disc {
            middle: at(x + 8.0, y),
            radius: 3.0,
            ink: HIT,
        });
    });
    entry(scene, "alarm fires", &|scene, x| {
        let corners = triangle(at(x + 8.0, y + 4.0));
        scene.items.push(Item::Area {
            corners,
            ink: ALARM,
        });
    });
    entry(scene, "stopped", &|scene, x| {
        scene.line([at(x + 8.0, y - 6.0), at(x + 8.0, y + 6.0)], 1.5, ALARM);
    });
}

fn block(across: (f64, f64), down: (f64, f64)) -> Vec<Point> {
    vec![
        at(across.0, down.0),
        at(across.1, down.0),
        at(across.1, down.1),
        at(across.0, down.1),
    ]
}

/// Points down at a place.
fn triangle(to: Point) -> Vec<Point> {
    vec![
        at(to.x - 5.0, to.y - 8.0),
        at(to.x + 5.0, to.y - 8.0),
        at(to.x, to.y + 1.0),
    ]
}

fn write(scene: &mut Scene, place: Point, align: Align, size: f64, text: &str) {
    scene.write(Text {
        at: place,
        align,
        text: text.to_owned(),
        size,
        weight: Weight::Regular,
        ink: if size < BODY {
            look::QUIET_TEXT
        } else {
            look::TEXT
        },
    });
}
