//! Where two runs of a case part.

use std::fmt::Write as _;

use super::case::Said;

/// Says which steps were answered differently, line by line; `None` if none was.
pub(super) fn between(case: &str, real: &[Said], imitated: &[Said]) -> Option<String> {
    assert_eq!(real.len(), imitated.len(), "both ran the same steps");
    let mut text = String::new();
    for (real, imitated) in real.iter().zip(imitated) {
        if real.answer != imitated.answer {
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                "case {case:?}: {}\n{}",
                real.line,
                lines(&real.answer, &imitated.answer)
            );
        }
    }
    (!text.is_empty()).then_some(text)
}

/// All lines, with those before the first and after the last difference shown once.
fn lines(real: &str, imitated: &str) -> String {
    let (real, imitated): (Vec<_>, Vec<_>) = (real.lines().collect(), imitated.lines().collect());
    let shorter = real.len().min(imitated.len());
    let same = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>, most: usize| {
        pairs.take(most).take_while(|(a, b)| a == b).count()
    };
    let head = same(&mut real.iter().zip(&imitated), shorter);
    let tail = same(
        &mut real.iter().rev().zip(imitated.iter().rev()),
        shorter - head,
    );
    let mut text = String::new();
    let mut add = |mark: &str, lines: &[&str]| {
        for line in lines {
            text += &format!("  {mark:<8}| {line}\n");
        }
    };
    add("both", &real[..head]);
    add("server", &real[head..real.len() - tail]);
    add("sandbox", &imitated[head..imitated.len() - tail]);
    add("both", &real[real.len() - tail..]);
    text
}

#[test]
fn a_difference_is_told_with_what_surrounds_it() {
    let said = |answer: &str| {
        vec![Said {
            line: "kubectl get leases".to_owned(),
            answer: answer.to_owned(),
        }]
    };
    assert_eq!(between("one", &said("a\nb\n"), &said("a\nb\n")), None);
    assert_eq!(
        between("one", &said("a\nb\nc\nd\n"), &said("a\nB\nd\n")).as_deref(),
        Some(
            "case \"one\": kubectl get leases\n  \
               both    | a\n  \
               server  | b\n  \
               server  | c\n  \
               sandbox | B\n  \
               both    | d\n"
        )
    );
}
