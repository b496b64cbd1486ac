//! `timing`.

use crate::listing::states;
use crate::transcript::Transcript;

#[test]
fn what_a_timing_tolerates() {
    let sandbox = states();
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("timing");
    typed.run("timing --preset openshift");
    typed.run("timing --duration 60s --renew-deadline 40s --retry-period 5s");
    typed.run("timing a-held");
    typed.run("timing g-unbounded");
    typed.run("timing missing");
    typed.run("timing --duration 10s --renew-deadline 10s");
    typed.run("timing --renew-deadline 2s");
    typed.run("timing --retry-period 0");
    typed.run("timing --duration 1.5s --renew-deadline 1s --retry-period 100ms");
    insta::assert_snapshot!("timing", typed.end());
}

/// Nothing here may overflow.
#[test]
fn the_longest_durations_are_taken() {
    let sandbox = states();
    for (line, code) in [
        (
            "timing --duration 2147483647 --renew-deadline 2147483646 --retry-period 1ns",
            0,
        ),
        (
            "timing --renew-deadline 18446744073709551615 --retry-period 18446744073709551615",
            1,
        ),
        ("timing --duration 18446744073709551615", 1),
        ("timing --duration 99999999999999999999999s", 1),
    ] {
        let said = sandbox.shell.run(line);
        assert_eq!(said.code, Some(code), "{line}: {said:?}");
    }
}
