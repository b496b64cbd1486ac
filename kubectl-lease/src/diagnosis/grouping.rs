//! One cause behind many locks is told once, and the worst first.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::Finding;

/// The findings with those of one code and cause as one, worst first; then those of most locks.
pub(super) fn grouped(findings: Vec<Finding>) -> Vec<Finding> {
    let mut groups: Vec<Finding> = Vec::new();
    let mut places = HashMap::new();
    for finding in findings {
        let Some(cause) = finding.cause.clone() else {
            groups.push(finding);
            continue;
        };
        match places.entry((finding.code, cause)) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(groups.len());
                groups.push(finding);
            }
            std::collections::hash_map::Entry::Occupied(entry) => {
                let group = &mut groups[*entry.get()];
                if finding.severity < group.severity {
                    // What is told of a group is what is told of its worst lock.
                    let locks = std::mem::take(&mut group.locks);
                    *group = finding;
                    group.locks.extend(locks);
                } else {
                    group.locks.extend(finding.locks);
                }
            }
        }
    }
    groups.sort_by(|a, b| {
        let key =
            |finding: &Finding| (finding.severity, Reverse(finding.locks.len()), finding.code);
        key(a).cmp(&key(b)).then_with(|| a.locks.cmp(&b.locks))
    });
    groups
}
