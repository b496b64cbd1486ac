//! What those who should hold a lock may do with it.

use std::collections::HashSet;

use futures::StreamExt;
use futures::stream;
use lease_client::{LeaseStore, ReadError, ServiceAccount};

use super::Facts;
use super::facts::LeaseAccess;
use super::finding::LockId;
use super::rules;

/// For so many locks is asked at most. Those of one service account are mostly alike.
const MOST: usize = 20;
/// So many answers are awaited at a time.
const AT_ONCE: usize = 10;

/// Whether an account may keep a lock: what is asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Question {
    pub(super) lock: LockId,
    pub(super) account: ServiceAccount,
}

/// Asks for those locks where a missing right would tell why they are stuck.
///
/// # Errors
/// The first failure. What was answered until then is left out with it.
pub(super) async fn read(store: &LeaseStore, facts: &Facts) -> Result<Vec<LeaseAccess>, ReadError> {
    let questions = chosen(rules::whose_access_matters(facts));
    let answers = questions.into_iter().map(|question| ask(store, question));
    let mut answers = stream::iter(answers).buffered(AT_ONCE);
    let mut known = Vec::new();
    while let Some(answer) = answers.next().await {
        known.push(answer?);
    }
    Ok(known)
}

/// One of each account before a second of any.
fn chosen(questions: Vec<Question>) -> Vec<Question> {
    let mut seen = HashSet::new();
    let (mut first, others): (Vec<_>, Vec<_>) = questions
        .into_iter()
        .partition(|question| seen.insert(question.account.clone()));
    first.extend(others);
    first.truncate(MOST);
    first
}

/// Electors write by an update; some others patch.
async fn ask(store: &LeaseStore, question: Question) -> Result<LeaseAccess, ReadError> {
    let Question { lock, account } = question;
    let may = |verb| store.may(&account, verb, &lock.namespace, &lock.name);
    let write = async { Ok(may("update").await? || may("patch").await?) };
    let (get, write) = tokio::try_join!(may("get"), write)?;
    Ok(LeaseAccess {
        lock,
        account,
        get,
        write,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::finding::Kind;

    #[test]
    fn each_account_is_asked_for_once_before_any_is_twice() {
        let question = |lock: usize, account: usize| Question {
            lock: LockId {
                kind: Kind::Lease,
                namespace: "n".into(),
                name: lock.to_string(),
            },
            account: ServiceAccount {
                namespace: "n".into(),
                name: account.to_string(),
            },
        };
        let many = (0..100).map(|lock| question(lock, lock / 90)).collect();
        let chosen = chosen(many);
        assert_eq!(chosen.len(), MOST);
        assert_eq!(
            chosen[..3],
            [question(0, 0), question(90, 1), question(1, 0)]
        );
    }
}
