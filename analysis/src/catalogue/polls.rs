//! Functions of futures and streams that are polled by hand.

/// What such a function says once it is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Poll {
    /// A future is done.
    Future,
    /// A stream has an item, or its end.
    Stream,
    /// A message has come.
    Recv,
    /// The other half is gone.
    Closed,
    /// A connection has come.
    Accept,
    /// The other end of a connection has sent something.
    Peer,
    /// Something that is soon so: a buffer has room, a timer has gone off.
    Soon,
}

const POLLS: &[(&str, Poll)] = &[
    ("poll", Poll::Future),
    ("poll_unpin", Poll::Future),
    ("try_poll", Poll::Future),
    ("try_poll_unpin", Poll::Future),
    ("poll_next", Poll::Stream),
    ("poll_next_unpin", Poll::Stream),
    ("try_poll_next", Poll::Stream),
    ("try_poll_next_unpin", Poll::Stream),
    ("poll_recv", Poll::Recv),
    ("poll_recv_many", Poll::Recv),
    ("poll_canceled", Poll::Closed),
    ("poll_closed", Poll::Closed),
    ("poll_accept", Poll::Accept),
    ("poll_read", Poll::Peer),
    ("poll_fill_buf", Poll::Peer),
    ("poll_frame", Poll::Peer),
    ("poll_data", Poll::Peer),
    ("poll_tick", Poll::Soon),
    ("poll_elapsed", Poll::Soon),
    ("poll_ready", Poll::Soon),
    ("poll_ready_unpin", Poll::Soon),
    ("poll_flush", Poll::Soon),
    ("poll_flush_unpin", Poll::Soon),
    ("poll_close", Poll::Soon),
    ("poll_close_unpin", Poll::Soon),
    ("poll_shutdown", Poll::Soon),
    ("poll_reserve", Poll::Soon),
    ("poll_acquire", Poll::Soon),
    ("poll_write", Poll::Soon),
    ("poll_proceed", Poll::Soon),
];

/// What a function of that name polls.
pub fn poll(name: &str) -> Option<Poll> {
    POLLS.iter().find(|(known, _)| *known == name).map(|(_, poll)| *poll)
}
