use std::time::Duration;

const MINUTE: u64 = 60;

/// How long a silent player may take to come back.
pub const GOODBYE: Duration = Duration::from_secs(10 * MINUTE);

/// How long a player may take for its first message.
pub const GREETING: Duration = Duration::from_secs(5);
