//! What a policy that behaves is asked and answers.

use lease_policy_guests::Guest;
use lease_policy_host::{Error, Finding, Level, LogLine, Verdict};

use crate::{policy, review, steal};

fn finding(code: &str, message: &str) -> Finding {
    Finding {
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

#[test]
fn each_verdict_comes_as_it_was_given() {
    let said = |body: &str| review(&Guest::new("p").review(body)).verdict;
    assert_eq!(said(&Guest::abstain()), Verdict::Abstain);
    assert_eq!(said(&Guest::allow()), Verdict::Allow);
    let warned = Verdict::Warn(finding("soon", "it \u{1b}[31m is late"));
    assert_eq!(said(&Guest::warn("soon", "it \u{1b}[31m is late")), warned);
    let denied = Verdict::Deny(finding("no", "never"));
    assert_eq!(said(&Guest::deny("no", "never")), denied);
}

#[test]
fn a_policy_tells_what_it_is() {
    let guest = Guest::new("change-window")
        .verbs(&["steal", "run"])
        .summary("Only at night.")
        .own_version("2.0.0")
        .example("{\"from\": \"22:00\"}")
        .wants_holder();
    let told = policy(&guest).describe().unwrap();
    assert_eq!(told.name, "change-window");
    assert_eq!(told.version, "2.0.0");
    assert_eq!(told.summary, "Only at night.");
    assert_eq!(told.verbs, ["steal", "run"]);
    assert!(told.wants_holder);
    assert_eq!(told.example_settings["from"], "22:00");
}

#[test]
fn what_it_says_of_itself_is_checked() {
    for (guest, why) in [
        (Guest::new("Change Window"), "its name is \"Change Window\""),
        (Guest::new("p").verbs(&["st\u{1b}eal"]), "is no verb"),
        (Guest::new("p").verbs(&["x"; 100]), "it names 100 verbs"),
        (
            Guest::new("p").example("{"),
            "its example settings are no JSON",
        ),
        (
            Guest::new("p").own_version(&"9".repeat(99)),
            "its version is",
        ),
    ] {
        let error = policy(&guest).describe().unwrap_err();
        assert!(matches!(error, Error::Description(_)), "{error:?}");
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn settings_are_the_policys_to_take() {
    let guest = Guest::new("p").configure(&format!(
        "(if (i32.eq (local.get $length) (i32.const 2)) (then {}))\n{}",
        Guest::abstain(),
        Guest::refuse_settings("no-window", "`from` is missing")
    ));
    let policy = policy(&guest);
    policy.configure("{}").unwrap();
    let error = policy.configure("{\"a\":1}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "does not take its settings: `from` is missing (no-window)"
    );
    // A review begins with them, so that it does not come to that.
    let (error, _) = policy.review("{\"a\":1}", &steal()).unwrap_err();
    assert!(matches!(error, Error::Settings { .. }), "{error:?}");
    let long = policy.configure(&"x".repeat(65 * 1024)).unwrap_err();
    assert_eq!(long.to_string(), "is given settings of more than 64 KiB");
}

#[test]
fn what_it_notes_comes_with_the_verdict() {
    let body = [
        Guest::log(0, "looking"),
        Guest::log(1, "found"),
        Guest::log(2, "\u{1b}]0;bad\u{7}"),
        Guest::allow(),
    ];
    let review = review(&Guest::new("p").review(&body.concat()));
    let line = |level, message: &str| LogLine {
        level,
        message: message.to_owned(),
    };
    assert_eq!(
        review.log,
        [
            line(Level::Debug, "looking"),
            line(Level::Info, "found"),
            line(Level::Warning, "\u{1b}]0;bad\u{7}"),
        ]
    );
}

#[test]
fn each_question_is_put_to_a_new_instance() {
    let guest = Guest::new("p")
        .also("(global $asked (mut i32) (i32.const 0))")
        .review(&format!(
            "(global.set $asked (i32.add (global.get $asked) (i32.const 1)))\n\
             (if (i32.gt_u (global.get $asked) (i32.const 1)) (then {}))\n{}",
            Guest::deny("again", "you asked before"),
            Guest::allow()
        ));
    let policy = policy(&guest);
    for _ in 0..3 {
        let review = policy.review("{}", &steal()).unwrap();
        assert_eq!(review.verdict, Verdict::Allow);
    }
}

#[test]
fn a_request_arrives() {
    let policy = policy(&Guest::require_reason());
    let mut request = steal();
    let review = policy.review("{}", &request).unwrap();
    assert!(matches!(review.verdict, Verdict::Deny(_)), "{review:?}");
    request.reason = Some("the node is gone".to_owned());
    let review = policy.review("{}", &request).unwrap();
    assert_eq!(review.verdict, Verdict::Abstain);
}
