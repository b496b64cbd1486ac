//! `describe`.

use crate::listing::states;
use crate::transcript::Transcript;

#[test]
fn each_state_is_explained() {
    let sandbox = states();
    let mut typed = Transcript::new(&sandbox.shell);
    for name in [
        "a-held",
        "b-late",
        "c-expired",
        "d-within-the-margin",
        "e-free",
        "f-unknown",
        "g-unbounded",
        "h-no-spec",
        "missing",
    ] {
        typed.run(&format!("describe {name}"));
    }
    insta::assert_snapshot!("described", typed.end());
}
