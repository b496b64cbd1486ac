//! A policy of `kubectl lease`: locks are stolen and broken only while changes are welcome.

mod calendar;
mod clock;
mod freeze;
mod hours;
mod schedule;
mod settings;

use lease_policy::{Description, Finding, Policy, Request, Verbs, Verdict, log};

use calendar::{in_words, told};
pub use clock::Clock;
pub use freeze::{Freeze, Instant};
pub use hours::{Day, Minute, Window};
pub use settings::Settings;

/// Denies what is done outside its windows, and during its freezes.
#[derive(Clone, Debug)]
pub struct ChangeWindow(Settings);

const EXAMPLE: &str = r#"{
  "windows": [
    {"days": ["mon", "tue", "wed", "thu"], "from": "09:00", "to": "16:30"},
    {"days": ["fri"], "from": "22:00", "to": "02:00"}
  ],
  "utcOffset": "+01:00",
  "freezes": [
    {"from": "2026-12-18T00:00:00+01:00", "to": "2027-01-04T00:00:00+01:00", "reason": "the end of the year"}
  ],
  "verbs": ["steal", "force-release"],
  "namespaces": ["payments", "prod-*"],
  "locks": ["*"]
}"#;

impl Policy for ChangeWindow {
    fn describe() -> Description {
        Description {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: env!("CARGO_PKG_DESCRIPTION").to_owned(),
            verbs: Verbs::all(),
            wants_holder: false,
            example_settings: EXAMPLE.to_owned(),
        }
    }

    fn configure(text: &str) -> Result<Self, Finding> {
        settings::Settings::parse(text).map(Self)
    }

    fn review(&self, request: &Request) -> Verdict {
        let Self(settings) = self;
        let lock = &request.lock;
        let is_meant = settings.verbs.include(&request.verb)
            && settings.namespaces.fit(&lock.namespace)
            && settings.locks.fit(&lock.name);
        if !is_meant {
            return Verdict::Abstain;
        }
        let now = request.now.seconds;
        if !calendar::is_time(now) {
            let why = "the time of this request is none, so it is in no window";
            return Verdict::deny("no-time", why);
        }
        let offset = settings.clock.offset(request.utc_offset_seconds);
        log::debug(&format!("it is {}", told(now, offset)));
        let (code, why) = if let Some(freeze) = settings.freeze(now) {
            let mut why = format!("changes are frozen until {}", told(freeze.to.0, offset));
            if let Some(reason) = &freeze.reason {
                why += &format!(": {reason}");
            }
            ("change-freeze", why)
        } else if settings.is_open(now, offset) {
            return Verdict::Allow;
        } else {
            (
                "outside-change-window",
                "it is outside the change windows".to_owned(),
            )
        };
        let next = settings.next_opening(now, offset).map_or_else(
            || "no change window opens later".to_owned(),
            |next| {
                let (at, until) = (told(next, offset), in_words(next - now));
                format!("changes are welcome again from {at}, in {until}")
            },
        );
        let what = format!("{} of {}/{}", request.verb, lock.namespace, lock.name);
        Verdict::deny(code, format!("{what}: {why}; {next}"))
    }
}

lease_policy::export!(ChangeWindow);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_time_is_in_no_window() {
        let text = include_str!("../../requests/steal-from-a-pod-that-is-gone.json");
        let mut request = lease_policy::request(text).unwrap();
        let policy = ChangeWindow::configure(EXAMPLE).unwrap();
        assert_eq!(policy.review(&request), Verdict::Allow);
        for seconds in [i64::MIN, -1, 253_402_300_800, i64::MAX] {
            request.now.seconds = seconds;
            let Verdict::Deny(finding) = policy.review(&request) else {
                panic!("{seconds}");
            };
            assert_eq!(finding.code, "no-time");
        }
    }
}
