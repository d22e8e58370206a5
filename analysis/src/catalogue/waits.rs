//! Calls that wait: for a time, for a channel, for a peer, or for nothing that ever comes.

/// What a call waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wait {
    /// A time: the duration is argument 0.
    Sleep,
    /// A point in time: the deadline is argument 0.
    SleepUntil,
    /// The future in argument 1, at most for the duration in argument 0.
    Timeout,
    /// The future in argument 1, at most until the deadline in argument 0.
    TimeoutAt,
    /// The receiver of the call as a future, at most for the duration in argument 0.
    TimeoutMethod,
    /// The next tick of a timer: comes after every period, for ever.
    Tick,
    /// A message. Ends when the senders are gone.
    Recv,
    /// Room in a channel. Ends when the receiver is gone.
    Send,
    /// A token's cancellation.
    Token,
    /// The other half's drop.
    Closed,
    /// A notification. Never ends by drop.
    Notify,
    /// A lock, a permit, a barrier.
    Lock,
    /// The next connection: for ever.
    Accept,
    /// What the other end of a socket does.
    Peer,
    /// A signal of the operating system that can come again and again.
    OsSignal,
    /// Ctrl-C or the like: ends the process, and so the task.
    Shutdown,
    /// Another task's end.
    Task,
    /// For ever.
    Forever,
    /// Something that is quickly over or that the machine itself does (disk, yield).
    Short,
    /// The answer to a request, a handshake, a message that goes out: the other end gives it soon, or the
    /// connection fails.
    Answer,
    /// The future in argument 0, unless a token is cancelled first.
    UntilCancelled,
    /// All futures in the arguments.
    Join,
    /// All futures of the collection or iterator in argument 0.
    JoinAll,
    /// The first of the futures in the arguments.
    Race,
}

/// A function, or a method of a type, that waits when its result is awaited.
#[derive(Debug, Clone, Copy)]
pub struct WaitRow {
    /// Canonical path of the function, or of the method's type.
    pub path: &'static str,
    /// Method name; empty for a function.
    pub method: &'static str,
    /// What it waits for.
    pub wait: Wait,
}

const fn f(path: &'static str, wait: Wait) -> WaitRow {
    WaitRow { path, method: "", wait }
}

const fn m(path: &'static str, method: &'static str, wait: Wait) -> WaitRow {
    WaitRow { path, method, wait }
}

const FUNCTIONS: &[WaitRow] = &[
    f("tokio::time::sleep", Wait::Sleep),
    f("tokio::time::sleep_until", Wait::SleepUntil),
    f("tokio::time::timeout", Wait::Timeout),
    f("tokio::time::timeout_at", Wait::TimeoutAt),
    f("async_std::task::sleep", Wait::Sleep),
    f("async_std::future::timeout", Wait::Timeout),
    f("async_std::io::timeout", Wait::Timeout),
    f("async_io::Timer::after", Wait::Sleep),
    f("async_io::Timer::at", Wait::SleepUntil),
    f("async_io::Timer::never", Wait::Forever),
    f("futures_timer::Delay::new", Wait::Sleep),
    f("gloo_timers::future::sleep", Wait::Sleep),
    f("glommio::timer::sleep", Wait::Sleep),
    f("glommio::timer::timeout", Wait::Timeout),
    f("monoio::time::sleep", Wait::Sleep),
    f("monoio::time::timeout", Wait::Timeout),
    f("compio::time::sleep", Wait::Sleep),
    f("compio::time::timeout", Wait::Timeout),
    f("embassy_time::with_timeout", Wait::Timeout),
    f("embassy_time::Timer::after", Wait::Sleep),
    f("std::thread::sleep", Wait::Sleep),
    f("tokio::task::yield_now", Wait::Short),
    f("async_std::task::yield_now", Wait::Short),
    f("futures::future::yield_now", Wait::Short),
    f("futures::future::ready", Wait::Short),
    f("std::future::ready", Wait::Short),
    f("futures::future::pending", Wait::Forever),
    f("std::future::pending", Wait::Forever),
    f("futures::future::join_all", Wait::JoinAll),
    f("futures::future::join", Wait::Join),
    f("futures::future::try_join_all", Wait::JoinAll),
    f("futures::future::select", Wait::Race),
    f("futures::future::or", Wait::Race),
    f("futures::future::race", Wait::Race),
    f("tokio::signal::ctrl_c", Wait::Shutdown),
    f("tokio::fs::read", Wait::Short),
    f("tokio::fs::read_to_string", Wait::Short),
    f("tokio::fs::write", Wait::Short),
    f("tokio::fs::remove_file", Wait::Short),
    f("tokio::fs::remove_dir_all", Wait::Short),
    f("tokio::fs::create_dir_all", Wait::Short),
    f("tokio::fs::rename", Wait::Short),
    f("tokio::fs::metadata", Wait::Short),
    f("tokio::io::copy", Wait::Peer),
    f("tokio::io::copy_bidirectional", Wait::Peer),
    f("futures::io::copy", Wait::Peer),
    f("tokio::task::spawn_blocking", Wait::Task),
    f("tokio::net::TcpStream::connect", Wait::Short),
    f("tokio::net::UnixStream::connect", Wait::Short),
    f("tokio::net::TcpListener::bind", Wait::Short),
    f("tokio::net::UdpSocket::bind", Wait::Short),
    f("tokio::net::lookup_host", Wait::Short),
    f("tokio::fs::File::open", Wait::Short),
    f("tokio::fs::File::create", Wait::Short),
    f("tokio::fs::create_dir", Wait::Short),
    f("tokio::fs::remove_dir", Wait::Short),
    f("tokio::fs::read_dir", Wait::Short),
    f("tokio::fs::copy", Wait::Short),
    f("tokio::fs::try_exists", Wait::Short),
    f("tokio::fs::canonicalize", Wait::Short),
    f("futures::future::ok", Wait::Short),
    f("futures::future::err", Wait::Short),
    f("futures::future::lazy", Wait::Short),
    f("futures::future::try_join", Wait::Join),
    f("futures::future::join3", Wait::Join),
    f("futures::future::try_join3", Wait::Join),
    f("reqwest::get", Wait::Answer),
    f("hyper::upgrade::on", Wait::Answer),
    f("tokio_tungstenite::connect_async", Wait::Answer),
    f("tokio_tungstenite::client_async", Wait::Answer),
    f("tokio_tungstenite::client_async_tls", Wait::Answer),
    f("tokio_tungstenite::accept_async", Wait::Answer),
    f("tokio_tungstenite::accept_hdr_async", Wait::Answer),
    f("tokio_postgres::connect", Wait::Answer),
];

const METHODS: &[WaitRow] = &[
    m("tokio::sync::mpsc::Receiver", "recv", Wait::Recv),
    m("tokio::sync::mpsc::Receiver", "recv_many", Wait::Recv),
    m("tokio::sync::mpsc::UnboundedReceiver", "recv", Wait::Recv),
    m("tokio::sync::mpsc::UnboundedReceiver", "recv_many", Wait::Recv),
    m("tokio::sync::mpsc::Sender", "send", Wait::Send),
    m("tokio::sync::mpsc::Sender", "reserve", Wait::Send),
    m("tokio::sync::mpsc::Sender", "closed", Wait::Closed),
    m("tokio::sync::mpsc::UnboundedSender", "closed", Wait::Closed),
    m("tokio::sync::oneshot::Sender", "closed", Wait::Closed),
    m("tokio::sync::watch::Sender", "closed", Wait::Closed),
    m("tokio::sync::broadcast::Receiver", "recv", Wait::Recv),
    m("tokio::sync::watch::Receiver", "changed", Wait::Recv),
    m("tokio::sync::watch::Receiver", "wait_for", Wait::Recv),
    m("tokio::sync::Notify", "notified", Wait::Notify),
    m("tokio::sync::Notify", "notified_owned", Wait::Notify),
    m("tokio::sync::Mutex", "lock", Wait::Lock),
    m("tokio::sync::Mutex", "lock_owned", Wait::Lock),
    m("tokio::sync::RwLock", "read", Wait::Lock),
    m("tokio::sync::RwLock", "write", Wait::Lock),
    m("tokio::sync::Semaphore", "acquire", Wait::Lock),
    m("tokio::sync::Semaphore", "acquire_owned", Wait::Lock),
    m("tokio::sync::Barrier", "wait", Wait::Lock),
    m("tokio::sync::OnceCell", "get_or_init", Wait::Lock),
    m("tokio::net::TcpListener", "accept", Wait::Accept),
    m("tokio::net::UnixListener", "accept", Wait::Accept),
    m("async_std::net::TcpListener", "accept", Wait::Accept),
    m("tokio::net::UdpSocket", "recv_from", Wait::Accept),
    m("tokio::net::UdpSocket", "send_to", Wait::Short),
    m("tokio::net::UdpSocket", "send", Wait::Short),
    m("tokio::net::UdpSocket", "recv", Wait::Accept),
    m("tokio::time::Interval", "tick", Wait::Tick),
    m("tokio::signal::unix::Signal", "recv", Wait::OsSignal),
    m("tokio_stream::wrappers::IntervalStream", "next", Wait::Tick),
    m("async_std::stream::Interval", "next", Wait::Tick),
    m("tokio_stream::wrappers::TcpListenerStream", "next", Wait::Accept),
    m("tokio_stream::wrappers::UnixListenerStream", "next", Wait::Accept),
    m("tokio_stream::wrappers::ReceiverStream", "next", Wait::Recv),
    m("tokio_stream::wrappers::UnboundedReceiverStream", "next", Wait::Recv),
    m("tokio_stream::wrappers::BroadcastStream", "next", Wait::Recv),
    m("tokio_stream::wrappers::WatchStream", "next", Wait::Recv),
    m("futures::channel::mpsc::Receiver", "next", Wait::Recv),
    m("futures::channel::mpsc::UnboundedReceiver", "next", Wait::Recv),
    m("async_channel::Receiver", "recv", Wait::Recv),
    m("async_channel::Receiver", "next", Wait::Recv),
    m("flume::Receiver", "recv_async", Wait::Recv),
    m("tokio_util::sync::CancellationToken", "cancelled", Wait::Token),
    m("tokio_util::sync::CancellationToken", "cancelled_owned", Wait::Token),
    m("tokio_util::sync::CancellationToken", "run_until_cancelled", Wait::UntilCancelled),
    m("tokio_util::sync::CancellationToken", "run_until_cancelled_owned", Wait::UntilCancelled),
    m("tokio::task::JoinSet", "join_next", Wait::Task),
    m("tokio::task::JoinSet", "join_all", Wait::Task),
    m("tokio::task::JoinSet", "shutdown", Wait::Short),
    m("tokio_util::task::TaskTracker", "wait", Wait::Task),
    m("tokio::process::Child", "wait", Wait::Peer),
    m("tokio::sync::mpsc::Sender", "send_timeout", Wait::Send),
    m("tokio::sync::mpsc::Sender", "reserve_many", Wait::Send),
    m("tokio::sync::mpsc::Sender", "reserve_owned", Wait::Send),
    m("futures::channel::mpsc::Sender", "send", Wait::Send),
    m("futures::channel::mpsc::Sender", "feed", Wait::Send),
    m("futures::channel::mpsc::Sender", "flush", Wait::Send),
    m("futures::channel::mpsc::Sender", "close", Wait::Send),
    m("futures::channel::mpsc::UnboundedSender", "send", Wait::Send),
    m("futures::channel::mpsc::UnboundedSender", "feed", Wait::Send),
    m("futures::channel::mpsc::UnboundedSender", "flush", Wait::Send),
    m("futures::channel::mpsc::UnboundedSender", "close", Wait::Send),
    m("async_channel::Sender", "send", Wait::Send),
    m("flume::Sender", "send_async", Wait::Send),
    // Ends when the workers that it gave out are dropped.
    m("waitgroup::WaitGroup", "wait", Wait::Closed),
    m("tokio_tungstenite::WebSocketStream", "next", Wait::Peer),
    m("tokio_tungstenite::WebSocketStream", "send", Wait::Answer),
    m("tokio_tungstenite::WebSocketStream", "feed", Wait::Answer),
    m("tokio_tungstenite::WebSocketStream", "close", Wait::Answer),
    m("futures::stream::SplitStream", "next", Wait::Peer),
    m("futures::stream::SplitSink", "send", Wait::Answer),
    m("futures::stream::SplitSink", "feed", Wait::Answer),
    m("futures::stream::SplitSink", "flush", Wait::Answer),
    m("futures::stream::SplitSink", "close", Wait::Answer),
    m("tokio_util::codec::Framed", "next", Wait::Peer),
    m("tokio_util::codec::Framed", "send", Wait::Answer),
    m("tokio_util::codec::Framed", "close", Wait::Answer),
    m("tokio_util::codec::FramedRead", "next", Wait::Peer),
    m("tokio_util::codec::FramedWrite", "send", Wait::Answer),
    m("tokio_util::codec::FramedWrite", "close", Wait::Answer),
    m("tokio_util::io::ReaderStream", "next", Wait::Peer),
    m("reqwest::Client", "execute", Wait::Answer),
    m("reqwest::RequestBuilder", "send", Wait::Answer),
    m("hyper_util::client::legacy::Client", "request", Wait::Answer),
    m("hyper_util::client::legacy::Client", "get", Wait::Answer),
    m("hyper::client::conn::http1::SendRequest", "send_request", Wait::Answer),
    m("hyper::client::conn::http2::SendRequest", "send_request", Wait::Answer),
    m("hyper::client::conn::http1::SendRequest", "ready", Wait::Answer),
    m("hyper::client::conn::http2::SendRequest", "ready", Wait::Answer),
    m("h2::client::SendRequest", "ready", Wait::Answer),
    m("h2::server::Connection", "accept", Wait::Peer),
    m("tokio_postgres::Client", "query", Wait::Answer),
    m("tokio_postgres::Client", "query_one", Wait::Answer),
    m("tokio_postgres::Client", "query_opt", Wait::Answer),
    m("tokio_postgres::Client", "execute", Wait::Answer),
    m("tokio_postgres::Client", "batch_execute", Wait::Answer),
    m("tokio_postgres::Client", "prepare", Wait::Answer),
    m("quinn::Connection", "accept_bi", Wait::Peer),
    m("quinn::Connection", "accept_uni", Wait::Peer),
    m("quinn::Connection", "read_datagram", Wait::Peer),
    m("quinn::Connection", "closed", Wait::Peer),
    m("quinn::Connection", "open_bi", Wait::Answer),
    m("quinn::Connection", "open_uni", Wait::Answer),
    m("quinn::Endpoint", "accept", Wait::Accept),
    m("tokio_util::task::TaskTracker", "track_future", Wait::Join),
    m("grpcio::UnarySink", "success", Wait::Answer),
    m("grpcio::UnarySink", "fail", Wait::Answer),
    m("grpcio::ClientStreamingSink", "success", Wait::Answer),
    m("grpcio::ClientStreamingSink", "fail", Wait::Answer),
    m("grpcio::ServerStreamingSink", "fail", Wait::Answer),
    m("grpcio::DuplexSink", "fail", Wait::Answer),
    m("webrtc_util::buffer::Buffer", "close", Wait::Short),
    m("webrtc_util::vnet::net::Net", "get_interfaces", Wait::Short),
    m("webrtc_util::vnet::net::Net", "resolve_addr", Wait::Answer),
    m("webrtc_util::vnet::net::Net", "bind", Wait::Short),
    m("tokio::net::TcpStream", "readable", Wait::Peer),
    m("tokio::net::TcpStream", "writable", Wait::Short),
    m("tokio::net::UnixStream", "writable", Wait::Short),
];

/// Methods whose name leaves one meaning on whatever receiver, if awaited.
const BY_NAME: &[(&str, usize, Wait)] = &[
    ("recv", 0, Wait::Recv),
    ("recv_async", 0, Wait::Recv),
    ("recv_many", 2, Wait::Recv),
    ("changed", 0, Wait::Recv),
    ("wait_for", 1, Wait::Recv),
    ("accept", 0, Wait::Accept),
    ("tick", 0, Wait::Tick),
    ("cancelled", 0, Wait::Token),
    ("cancelled_owned", 0, Wait::Token),
    ("run_until_cancelled", 1, Wait::UntilCancelled),
    ("run_until_cancelled_owned", 1, Wait::UntilCancelled),
    ("notified", 0, Wait::Notify),
    ("closed", 0, Wait::Closed),
    ("lock", 0, Wait::Lock),
    ("lock_owned", 0, Wait::Lock),
    ("lock_arc", 0, Wait::Lock),
    ("read", 0, Wait::Lock),
    ("write", 0, Wait::Lock),
    ("acquire", 0, Wait::Lock),
    ("acquire_owned", 0, Wait::Lock),
    ("read", 1, Wait::Peer),
    ("read_buf", 1, Wait::Peer),
    ("read_exact", 1, Wait::Peer),
    ("read_line", 1, Wait::Peer),
    ("read_until", 2, Wait::Peer),
    ("read_to_end", 1, Wait::Peer),
    ("read_to_string", 1, Wait::Peer),
    ("next_line", 0, Wait::Peer),
    ("next_segment", 0, Wait::Peer),
    ("fill_buf", 0, Wait::Peer),
    ("read_u8", 0, Wait::Peer),
    ("read_u16", 0, Wait::Peer),
    ("read_u32", 0, Wait::Peer),
    ("write_all", 1, Wait::Peer),
    ("write_buf", 1, Wait::Peer),
    ("flush", 0, Wait::Peer),
    ("readable", 0, Wait::Peer),
    // Room in the buffer comes as with `send`, or the connection is gone.
    ("writable", 0, Wait::Short),
    ("recv_from", 1, Wait::Accept),
    ("join_next", 0, Wait::Task),
    ("timeout", 1, Wait::TimeoutMethod),
];

/// Methods whose name leaves one meaning where it is not a method of the workspace itself.
const FOREIGN_BY_NAME: &[(&str, usize, Wait)] = &[
    // Sinks and channels: room for one more, or what is buffered goes out.
    ("send", 1, Wait::Send),
    ("feed", 1, Wait::Send),
    ("send_async", 1, Wait::Send),
    ("send_data", 1, Wait::Send),
    ("send_timeout", 2, Wait::Send),
    ("reserve", 0, Wait::Send),
    ("close", 0, Wait::Answer),
    ("shutdown", 0, Wait::Answer),
    // hyper's servers, of all versions.
    ("serve_connection", 2, Wait::Peer),
    ("serve_connection_with_upgrades", 2, Wait::Peer),
];

/// The row of a function.
pub fn wait(path: &str) -> Option<Wait> {
    FUNCTIONS.iter().find(|row| row.path == path).map(|row| row.wait)
}

/// The row of a method of a type.
pub fn method_wait(path: &str, method: &str) -> Option<Wait> {
    METHODS.iter().find(|row| row.path == path && row.method == method).map(|row| row.wait)
}

/// What an awaited method of that name and number of arguments means whatever its receiver is.
pub fn method_wait_by_name(method: &str, args: usize) -> Option<Wait> {
    BY_NAME.iter().find(|(name, count, _)| *name == method && *count == args).map(|(_, _, wait)| *wait)
}

/// The same for a method that is known not to be one of the workspace.
pub fn foreign_wait_by_name(method: &str, args: usize) -> Option<Wait> {
    let found = FOREIGN_BY_NAME.iter().find(|(name, count, _)| *name == method && *count == args);
    found.map(|(_, _, wait)| *wait).or_else(|| method_wait_by_name(method, args))
}
