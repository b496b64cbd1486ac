//! One lock of the living cluster, and the program that holds it.

use std::time::Duration;

/// A lock and its holder. Ages are seconds before the start.
#[derive(Clone, Debug)]
pub(super) struct Lock {
    /// When its holder got it.
    pub(super) acquired: i64,
    pub(super) annotations: Vec<(&'static str, String)>,
    /// How many seconds its holder's clock is ahead; negative: behind.
    pub(super) clock: i64,
    pub(super) created: i64,
    /// In seconds.
    pub(super) duration: i32,
    pub(super) form: Form,
    pub(super) holder: &'static str,
    pub(super) labels: Vec<(&'static str, &'static str)>,
    pub(super) life: Life,
    /// The product of its user agent, which becomes the field manager.
    pub(super) manager: &'static str,
    pub(super) name: &'static str,
    pub(super) namespace: &'static str,
    /// When its holder last wrote.
    pub(super) renewed: i64,
    pub(super) transitions: i32,
}

/// Which fields a program writes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// client-go's leader election: all five.
    ClientGo,
    /// Kubelets and apiservers: no acquireTime, no transitions.
    Identity,
    /// Terraform: the holder alone.
    Terraform,
}

/// What a program does after the start.
#[derive(Clone, Copy, Debug)]
pub(super) enum Life {
    /// Nothing any more.
    Gone,
    /// Renews, and after a while releases for another one, which does the same.
    HandsOver {
        after: Duration,
        every: Duration,
        to: &'static str,
    },
    /// Renews.
    Renews { every: Duration },
}

/// One write of the past.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Deed {
    /// The holder gets it, from another one.
    Acquire,
    /// It comes into being: held by another one if it changed hands later.
    Create,
    /// The holder gives it back.
    Release,
    /// The holder renews.
    Renew,
}

impl Lock {
    /// A lock that was created and acquired at once, in client-go's form.
    pub(super) fn new(namespace: &'static str, name: &'static str, holder: &'static str) -> Self {
        Self {
            acquired: 0,
            annotations: Vec::new(),
            clock: 0,
            created: 0,
            duration: 15,
            form: Form::ClientGo,
            holder,
            labels: Vec::new(),
            life: Life::Gone,
            manager: name,
            name,
            namespace,
            renewed: 0,
            transitions: 0,
        }
    }

    /// Created, acquired and last renewed so many seconds before the start.
    pub(super) fn aged(mut self, created: i64, acquired: i64, renewed: i64) -> Self {
        (self.created, self.acquired, self.renewed) = (created, acquired, renewed);
        self
    }

    /// The holder renews, every so many seconds.
    pub(super) fn renewing(mut self, every: u64) -> Self {
        let every = Duration::from_secs(every);
        self.life = Life::Renews { every };
        self
    }

    /// The writes that led to the present state, with their ages.
    pub(super) fn past(&self) -> Vec<(i64, Deed)> {
        let mut past = vec![(self.created, Deed::Create)];
        if self.transitions > 0 {
            past.push((self.acquired, Deed::Acquire));
        }
        if self.form != Form::Terraform && self.renewed < self.acquired {
            let released = self.holder.is_empty();
            past.push((
                self.renewed,
                if released { Deed::Release } else { Deed::Renew },
            ));
        }
        past
    }
}
