//! Traffic profiles that come with landfall.

use super::entry::Entry;
use crate::calendar::Profile;

/// The profiles.
pub fn entries() -> Vec<Entry> {
    let entry = |&name: &&str| {
        let profile = Profile::shipped(name).expect("every shipped name has a profile");
        let hours = profile.hours().chunks(6).enumerate().map(|(row, hours)| {
            let numbers: Vec<String> = hours.iter().map(|x| format!("{x:.2}")).collect();
            let label = format!("{:02}:00-{:02}:00", row * 6, row * 6 + 6);
            (label, numbers.join("  "))
        });
        let weekend = ("weekend".to_owned(), format!("times {}", profile.weekend()));
        Entry::new(name, "a shipped profile of traffic by the local hour")
            .text(Profile::shipped_meaning(name).unwrap_or_default())
            .fact("example", format!("profile = {name:?}"))
            .list(hours.chain([weekend]).collect())
    };
    Profile::shipped_names().iter().map(entry).collect()
}
