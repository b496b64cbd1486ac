//! Policies that mean no good. Each is contained, within its limits, and told in a sentence.

use std::time::{Duration, Instant};

use lease_policy_guests::Guest;
use lease_policy_host::{Error, Verdict, limits};

use crate::{fails, policy, review, steal};

const FOR_EVER: &str = "(loop $again (br $again))";

/// What a policy may take at most, on a machine that is busy with other tests.
const SOON: Duration = Duration::from_secs(6);

#[test]
fn what_never_ends_is_ended() {
    let guests = [
        ("review", Guest::new("p").review(FOR_EVER)),
        ("configure", Guest::new("p").configure(FOR_EVER)),
        ("start", Guest::new("p").start(FOR_EVER)),
    ];
    for (place, guest) in guests {
        let policy = policy(&guest);
        let begun = Instant::now();
        let (error, _) = policy.review("{}", &steal()).unwrap_err();
        assert_eq!(error.to_string(), "took longer than 100 ms", "{place}");
        let took = begun.elapsed();
        assert!(took >= limits::TIME && took < SOON, "{place}: {took:?}");
    }
    let error = policy(&Guest::new("p").describe(FOR_EVER))
        .describe()
        .unwrap_err();
    assert!(matches!(error, Error::Time), "{error:?}");
    let error = policy(&Guest::new("p").configure(FOR_EVER))
        .configure("{}")
        .unwrap_err();
    assert!(matches!(error, Error::Time), "{error:?}");
}

/// The host works for it, call by call, while it computes nothing itself.
#[test]
fn what_has_the_host_work_without_end_is_ended() {
    let guest = Guest::new("p").review(&format!(
        "(loop $again {} (br $again))",
        Guest::log(1, "and on")
    ));
    let (error, log) = policy(&guest).review("{}", &steal()).unwrap_err();
    assert!(matches!(error, Error::Time), "{error:?}");
    assert_eq!(log.len(), limits::LOG_LINES + 1);
    let last = &log[limits::LOG_LINES].message;
    assert!(last.contains("lines more, which are not kept"), "{last}");
}

#[test]
fn memory_has_an_end() {
    let grow = "(loop $again
        (br_if $again (i32.ne (i32.const -1) (memory.grow (i32.const 16)))))";
    let told = "used more than 64 MiB";
    let gives_up = Guest::new("p").review(&format!("{grow} (unreachable)"));
    assert_eq!(fails(&gives_up).to_string(), told);
    // Who can do with less, may.
    let copes = Guest::new("p").review(&format!("{grow} {}", Guest::allow()));
    assert_eq!(review(&copes).verdict, Verdict::Allow);
    // From the start, or in many small pieces.
    assert_eq!(fails(&Guest::new("p").pages(2000)).to_string(), told);
    let in_start = Guest::new("p").start(&format!("{grow} (unreachable)"));
    assert_eq!(fails(&in_start).to_string(), told);
}

#[test]
fn tables_have_an_end() {
    let guest = Guest::new("p").also("(table 10000000 funcref)");
    let error = fails(&guest);
    assert!(matches!(error, Error::Failed(_)), "{error:?}");
    let grows = Guest::new("p")
        .also("(table $t 1 funcref)")
        .review(&format!(
            "(if (i32.ne (i32.const -1) (table.grow $t (ref.null func) (i32.const 100000000)))
           (then (unreachable))) {}",
            Guest::allow()
        ));
    assert_eq!(review(&grows).verdict, Verdict::Allow);
}

#[test]
fn the_stack_has_an_end() {
    let guest = Guest::new("p")
        .also(
            "(func $deeper (param i32) (result i32)
            (i32.add (i32.const 1) (call $deeper (i32.add (local.get 0) (i32.const 1)))))",
        )
        .review("(drop (call $deeper (i32.const 0)))");
    assert_eq!(
        fails(&guest).to_string(),
        "used more than 512 KiB of stack: it calls itself without end"
    );
}

#[test]
fn who_panics_has_failed() {
    for (body, why) in [
        (
            "(unreachable)",
            "failed: it panicked, or gave up on purpose",
        ),
        (
            "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
            "failed: it divided by zero",
        ),
        (
            "(drop (i32.load (i32.const -4)))",
            "failed: it reached for memory that it does not have",
        ),
        // A verdict that lies outside of its memory, or is none of those that there are.
        ("(return (i32.const -8))", "failed: "),
        ("(return (call $verdict (i32.const 9)))", "failed: "),
        // A text that is none.
        (
            "(i32.store (i32.const 600) (i32.const 0xffff))
             (return (call $finding (i32.const 3) (i32.const 600) (i32.const 2) (i32.const 600)
               (i32.const 2)))",
            "failed: ",
        ),
    ] {
        let told = fails(&Guest::new("p").review(body)).to_string();
        assert!(told.starts_with(why), "{body}: {told}");
        assert!(
            !told.contains("0x") && !told.contains('\n'),
            "{body}: {told}"
        );
    }
}

/// What a policy says is copied out of its memory, which costs ours.
#[test]
fn what_says_too_much_is_refused() {
    let giant = |length: usize| {
        Guest::new("p").pages(1000).review(&format!(
            "(memory.fill (i32.const 0x10000) (i32.const 120) (i32.const {length}))
             (return (call $finding (i32.const 3) (i32.const 0x10000) (i32.const 3)
               (i32.const 0x10000) (i32.const {length})))"
        ))
    };
    let told = fails(&giant(60_000_000)).to_string();
    assert_eq!(told, "said too much: more than 1024 KiB at once");
    let told = fails(&giant(100_000)).to_string();
    assert_eq!(told, "said too much: a message of more than 65536 bytes");
    let Verdict::Deny(finding) = review(&giant(60_000)).verdict else {
        panic!("it denies")
    };
    assert_eq!(finding.message.len(), 60_000);
}

/// Many texts that are all the same one: little memory of the policy's, and terabytes of ours.
#[test]
fn what_says_one_thing_a_million_times_is_refused() {
    let guest = Guest::new("p").pages(1000).describe(
        "(i32.store offset=24 (i32.const 0) (i32.const 0x10000))
         (i32.store offset=28 (i32.const 0) (i32.const 1000000))
         (loop $again
           (i32.store (i32.add (i32.const 0x10000) (i32.shl (local.get $i) (i32.const 3)))
             (i32.const 0x10000))
           (i32.store offset=4 (i32.add (i32.const 0x10000) (i32.shl (local.get $i) (i32.const 3)))
             (i32.const 0x3000000))
           (local.set $i (i32.add (local.get $i) (i32.const 1)))
           (br_if $again (i32.lt_u (local.get $i) (i32.const 1000000))))
         (return (i32.const 0))",
    );
    let told = policy(&guest).describe().unwrap_err().to_string();
    assert_eq!(told, "said too much: more than 1024 KiB at once");
}

#[test]
fn a_log_line_without_end_is_cut() {
    let guest = Guest::new("p").pages(20).review(&format!(
        "(memory.fill (i32.const 0x10000) (i32.const 120) (i32.const 1000000))
         (call $log (i32.const 2) (i32.const 0x10000) (i32.const 1000000))
         {}",
        Guest::allow()
    ));
    let review = review(&guest);
    assert_eq!(review.log.len(), 1);
    assert_eq!(
        review.log[0].message.chars().count(),
        limits::LOG_LINE_BYTES + 1
    );
}
