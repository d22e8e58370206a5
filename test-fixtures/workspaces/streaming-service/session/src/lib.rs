//! What the service keeps for its viewers.

pub mod advert;
pub mod channel;
pub mod chat;
pub mod clip;
pub mod limits;
pub mod player;
pub mod recording;
pub mod subtitles;

pub use advert::{Advert, SkippedAdvert};
pub use channel::{Channel, QuietChannel};
pub use chat::Chat;
pub use player::{Player, Players};
pub use recording::Recording;
pub use subtitles::{GuardedSubtitles, Subtitles};
