//! Writes that fail although reading works, and writes of which nobody says what became of them.

use lease_tests::{Answer, Fate};

use super::expected::Expected;
use super::fault::{Fault, Way, first_write, from_first_write, writes};
use super::refusing::too_many;

pub(super) const FAULTS: &[Fault] = &[
    Fault::for_writers(
        "a write that a webhook denies",
        Way::Proxy(|| {
            let message = "admission webhook \"locks.example\" denied the request: no locks today";
            writes(Fate::Answer(Answer::status(403, "Forbidden", message)))
        }),
        Expected::refused(&["no locks today"]),
    ),
    Fault::for_writers(
        "a write that a policy denies",
        Way::Proxy(|| {
            let message = "leases.coordination.k8s.io \"lock\" is forbidden: \
                           ValidatingAdmissionPolicy 'locks' with binding 'locks' denied request: \
                           no locks today";
            writes(Fate::Answer(Answer::status(422, "Invalid", message)))
        }),
        Expected::refused(&["no locks today"]),
    ),
    Fault::for_writers(
        "a write that is in conflict each time",
        Way::Proxy(|| writes(Fate::Answer(Answer::status(409, "Conflict", "changed")))),
        Expected {
            code: 4,
            is_done: false,
            says: &["changed by others"],
        },
    ),
    Fault::for_writers(
        "a write that is in conflict once",
        Way::Proxy(|| first_write(Fate::Answer(Answer::status(409, "Conflict", "changed")))),
        Expected::done(),
    ),
    Fault::for_writers(
        "a write that is asked to come later, once",
        Way::Proxy(|| first_write(Fate::Answer(too_many("1")))),
        Expected::done(),
    ),
    Fault::for_writers(
        "a write that is asked to come later, for ever",
        Way::Proxy(|| writes(Fate::Answer(too_many("1")))),
        Expected::fails(&["429"]),
    )
    .in_short_time(),
    Fault::for_writers(
        "a write that the server fails at, once",
        Way::Proxy(|| first_write(Fate::Answer(failed()))),
        Expected::done(),
    ),
    Fault::for_writers(
        "a write that the server fails at, for ever",
        Way::Proxy(|| writes(Fate::Answer(failed()))),
        Expected::fails(&["not known", "500"]),
    ),
    Fault::for_writers(
        "a write that landed although a gateway says it failed",
        Way::Proxy(|| writes(Fate::Instead(Answer::page(504, "Gateway Timeout")))),
        Expected::done(),
    ),
    Fault::for_writers(
        "a write that is answered by a page although it landed",
        Way::Proxy(|| writes(Fate::Instead(Answer::page(200, "Welcome")))),
        Expected::done(),
    ),
    Fault::for_writers(
        "a write that is lost, once",
        Way::Proxy(|| first_write(Fate::DropRequest)),
        Expected::done(),
    ),
    Fault::for_writers(
        "a write that is lost each time",
        Way::Proxy(|| writes(Fate::DropRequest)),
        Expected::fails(&["not known"]),
    ),
    Fault::for_writers(
        "a write whose reply is lost",
        Way::Proxy(|| writes(Fate::DropReply)),
        Expected::done(),
    ),
    Fault::for_writers(
        "a write whose reply is cut short",
        Way::Proxy(|| writes(Fate::CutBody)),
        Expected::done(),
    ),
    Fault::for_writers(
        "a write that landed and hangs",
        Way::Proxy(|| writes(Fate::HangReply)),
        Expected::done(),
    )
    .in_short_time(),
    Fault::for_writers(
        "a write whose reply hangs in the middle",
        Way::Proxy(|| writes(Fate::StallBody)),
        Expected::done(),
    )
    .in_short_time(),
    Fault::for_writers(
        "a write that hangs on its way",
        Way::Proxy(|| writes(Fate::HangRequest)),
        Expected::fails(&["not known", "2s"]),
    )
    .in_short_time(),
    Fault::for_writers(
        "a server that is gone once a write landed",
        Way::Proxy(|| from_first_write(Fate::DropReply, Fate::DropRequest)),
        Expected::unknown_but_done(&["not known"]),
    ),
    Fault::for_writers(
        "a server that hangs once a write landed",
        Way::Proxy(|| from_first_write(Fate::HangReply, Fate::HangRequest)),
        Expected::unknown_but_done(&["not known", "2s"]),
    )
    .in_short_time(),
    Fault::for_writers(
        "a server that forgets who we are once a write landed",
        Way::Proxy(|| {
            let unauthorized = Answer::status(401, "Unauthorized", "Unauthorized");
            from_first_write(Fate::DropReply, Fate::Answer(unauthorized))
        }),
        Expected::unknown_but_done(&["not known"]),
    ),
];

fn failed() -> Answer {
    Answer::status(500, "InternalError", "etcdserver: leader changed")
}
