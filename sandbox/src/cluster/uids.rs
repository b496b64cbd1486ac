//! Where uids come from.

use uuid::{Builder, Uuid};

/// Gives each object a uid that no other has.
#[derive(Clone, Debug)]
pub(super) enum Uids {
    /// Never the same twice.
    Random,
    /// The same ones in each run that starts from the same number.
    Seeded(u64),
}

impl Uids {
    pub(super) fn next(&mut self) -> String {
        let uid = match self {
            Self::Random => Uuid::new_v4(),
            Self::Seeded(state) => {
                let bytes = [mixed(state), mixed(state)].map(u64::to_be_bytes).concat();
                let bytes = bytes.try_into().unwrap_or_default();
                Builder::from_random_bytes(bytes).into_uuid()
            }
        };
        uid.to_string()
    }
}

/// The next number of `SplitMix64`.
fn mixed(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
