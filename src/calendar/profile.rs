//! Traffic profiles: how load follows the local hour.

use super::ProfileError;

/// 24 hourly traffic multipliers with mean 1, and what they are multiplied by on local Saturdays and Sundays.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    hours: [f64; 24],
    weekend: f64,
}

/// Business software: little at night, a plateau from nine to five with a dip at noon. The shape is ours, typical
/// and not measured.
const OFFICE_HOURS: ([f64; 24], f64) = (
    [
        0.15, 0.12, 0.10, 0.10, 0.12, 0.20, 0.40, 0.90, 1.60, 2.00, 2.10, 2.10, //
        1.80, 1.90, 2.10, 2.10, 1.90, 1.60, 1.10, 0.70, 0.50, 0.40, 0.30, 0.20,
    ],
    0.25,
);

/// What people use at home: least before dawn, most at nine in the evening, a little more at weekends. The shape is
/// ours, typical and not measured.
const CONSUMER: ([f64; 24], f64) = (
    [
        0.75, 0.50, 0.35, 0.27, 0.25, 0.30, 0.45, 0.70, 0.90, 0.95, 1.00, 1.05, //
        1.15, 1.15, 1.10, 1.10, 1.15, 1.25, 1.40, 1.60, 1.75, 1.80, 1.50, 1.10,
    ],
    1.1,
);

impl Profile {
    /// A profile from 24 numbers for the local hours 0 to 23, which are rescaled to mean 1, and the multiplier of
    /// local Saturdays and Sundays.
    ///
    /// # Errors
    /// [`ProfileError`] where a number is negative or not finite, or the 24 are all 0.
    pub fn new(hours: [f64; 24], weekend: f64) -> Result<Profile, ProfileError> {
        let usable = |x: f64| x.is_finite() && x >= 0.0;
        if let Some(hour) = hours.iter().position(|&x| !usable(x)) {
            return Err(ProfileError::Hour {
                hour,
                found: hours[hour],
            });
        }
        if !usable(weekend) {
            return Err(ProfileError::Weekend { found: weekend });
        }
        let sum: f64 = hours.iter().sum();
        if !(sum.is_finite() && sum > 0.0) {
            return Err(ProfileError::Sum { found: sum });
        }
        // Equal numbers become exactly 1, whatever their sum rounds to.
        let level = hours.iter().all(|&x| x == hours[0]);
        let hours = hours.map(|x| if level { 1.0 } else { x / sum * 24.0 });
        Ok(Profile { hours, weekend })
    }

    /// The same traffic at all times.
    pub fn flat() -> Profile {
        Profile {
            hours: [1.0; 24],
            weekend: 1.0,
        }
    }

    /// A profile that comes with landfall; its names are in [`Profile::shipped_names`].
    pub fn shipped(name: &str) -> Option<Profile> {
        let (hours, weekend) = match name {
            "flat" => return Some(Profile::flat()),
            "office-hours" => OFFICE_HOURS,
            "consumer" => CONSUMER,
            _ => return None,
        };
        Profile::new(hours, weekend).ok()
    }

    /// What a shipped profile is like, in a sentence or two; `None` where none has this name.
    pub fn shipped_meaning(name: &str) -> Option<&'static str> {
        Some(match name {
            "flat" => "The same at every hour of every day.",
            "office-hours" => {
                "Business software: little at night, a plateau from nine to five with a dip at noon. The shape is a \
                 guess: typical, not measured."
            }
            "consumer" => {
                "What people use at home: least before dawn, most at nine in the evening, a little more at weekends. \
                 The shape is a guess: typical, not measured."
            }
            _ => return None,
        })
    }

    /// The names of the profiles that come with landfall.
    pub fn shipped_names() -> &'static [&'static str] {
        &["flat", "office-hours", "consumer"]
    }

    /// The multipliers of the local hours 0 to 23 on a weekday; their mean is 1.
    pub fn hours(&self) -> &[f64; 24] {
        &self.hours
    }

    /// What they are multiplied by on local Saturdays and Sundays.
    pub fn weekend(&self) -> f64 {
        self.weekend
    }

    /// The multiplier of a local hour (0 to 23) on a weekday (0 is Monday).
    pub(super) fn at(&self, weekday: u8, hour: usize) -> f64 {
        if weekday >= 5 {
            self.hours[hour] * self.weekend
        } else {
            self.hours[hour]
        }
    }
}

impl Default for Profile {
    fn default() -> Self {
        Profile::flat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_rescaled_to_mean_1() {
        let hours = std::array::from_fn(|hour| hour as f64);
        let profile = Profile::new(hours, 0.5).unwrap();
        assert!((profile.hours().iter().sum::<f64>() - 24.0).abs() < 1e-12);
        assert_eq!(profile.hours()[0], 0.0);
        assert_eq!(profile.at(4, 23), profile.hours()[23]);
        assert_eq!(profile.at(5, 23), profile.hours()[23] * 0.5);
        assert_eq!(Profile::new([0.1; 24], 1.0), Ok(Profile::flat()));
    }

    #[test]
    fn other_numbers_are_refused() {
        let with = |hour: usize, x: f64| {
            let mut hours = [1.0; 24];
            hours[hour] = x;
            Profile::new(hours, 1.0)
        };
        assert_eq!(
            with(3, -1.0),
            Err(ProfileError::Hour {
                hour: 3,
                found: -1.0
            })
        );
        assert!(matches!(
            with(23, f64::NAN),
            Err(ProfileError::Hour { hour: 23, .. })
        ));
        assert!(matches!(
            with(0, f64::INFINITY),
            Err(ProfileError::Hour { hour: 0, .. })
        ));
        assert_eq!(
            Profile::new([0.0; 24], 1.0),
            Err(ProfileError::Sum { found: 0.0 })
        );
        assert_eq!(
            Profile::new([f64::MAX; 24], 1.0),
            Err(ProfileError::Sum {
                found: f64::INFINITY
            })
        );
        assert_eq!(
            Profile::new([1.0; 24], -0.1),
            Err(ProfileError::Weekend { found: -0.1 })
        );
        assert!(Profile::new([1.0; 24], 0.0).is_ok());
    }

    #[test]
    fn every_shipped_name_is_a_profile() {
        for name in Profile::shipped_names() {
            assert!(Profile::shipped(name).is_some(), "{name}");
            assert!(Profile::shipped_meaning(name).is_some(), "{name}");
        }
        assert_eq!(Profile::shipped("flat"), Some(Profile::flat()));
        assert_eq!(Profile::shipped("Flat"), None);
        let peak = |name: &str| {
            let profile = Profile::shipped(name).unwrap();
            (0..24)
                .max_by(|&a, &b| profile.hours()[a].total_cmp(&profile.hours()[b]))
                .unwrap()
        };
        assert!((9..17).contains(&peak("office-hours")));
        assert!((19..23).contains(&peak("consumer")));
    }
}
