//! What requests meet on their way.

use std::time::Duration;

use crate::dice::Dice;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// How bad the network is at one time. Shares are in a thousand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    /// The longest way of a usual request.
    pub(crate) usual: Duration,
    /// Requests that take up to `slow`.
    pub(crate) slow_share: u64,
    pub(crate) slow: Duration,
    /// Requests that never arrive, or arrive long after their sender gave them up.
    pub(crate) lost: u64,
    /// Requests whose reply never arrives.
    pub(crate) unanswered: u64,
    /// Requests that the server refuses for now, carried out or not.
    pub(crate) refused: u64,
    /// Watches that break, or go silent, within a minute of being opened.
    pub(crate) brittle: u64,
    /// The longest time by which a watch is behind.
    pub(crate) lag: Duration,
}

impl Weather {
    pub(crate) const CALM: Self = Self {
        usual: ms(10),
        slow_share: 0,
        slow: ms(0),
        lost: 0,
        unanswered: 0,
        refused: 0,
        brittle: 0,
        lag: ms(20),
    };

    /// Each kind of trouble, or none of it.
    pub(crate) fn stormy(dice: &mut Dice) -> Self {
        let mut share = |most| {
            if dice.percent(50) {
                dice.below(most)
            } else {
                0
            }
        };
        let shares = [share(100), share(80), share(80), share(60), share(500)];
        let [slow_share, lost, unanswered, refused, brittle] = shares;
        Self {
            usual: *dice.pick(&[ms(4), ms(20), ms(200)]).unwrap(),
            slow_share,
            slow: *dice.pick(&[ms(1000), ms(4000), ms(20_000)]).unwrap(),
            lost,
            unanswered,
            refused,
            brittle,
            lag: *dice.pick(&[ms(20), ms(500), ms(5000), ms(30_000)]).unwrap(),
        }
    }

    /// What becomes of one request.
    pub(crate) fn fate(&self, dice: &mut Dice) -> Fate {
        let is_slow = dice.per_mille(self.slow_share);
        let longest = if is_slow { self.slow } else { self.usual };
        let (there, back) = (dice.between(ms(1), longest), dice.between(ms(1), longest));
        let end = if dice.per_mille(self.lost) {
            let is_told = dice.percent(50);
            let late = dice.percent(50).then(|| dice.mostly_short(ms(60_000)));
            End::Lost { is_told, late }
        } else if dice.per_mille(self.unanswered) {
            let is_told = dice.percent(50);
            End::Unanswered { is_told }
        } else if dice.per_mille(self.refused) {
            // A 429 says that nothing was carried out; the others say nothing.
            let code = *dice.pick(&[429, 500, 503, 504]).unwrap();
            let is_done = code != 429 && dice.percent(50);
            End::Refused { code, is_done }
        } else {
            End::Answered
        };
        Fate { there, back, end }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Fate {
    pub(crate) there: Duration,
    pub(crate) back: Duration,
    pub(crate) end: End,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Answered,
    /// Its sender is told of a broken connection, or hears nothing; it may arrive late.
    Lost {
        is_told: bool,
        late: Option<Duration>,
    },
    Refused {
        code: u16,
        is_done: bool,
    },
    Unanswered {
        is_told: bool,
    },
}
