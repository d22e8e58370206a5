use session::{
    Advert, Channel, Chat, GuardedSubtitles, Players, QuietChannel, Recording, SkippedAdvert, Subtitles, chat,
    clip::{self, Clip},
    player::Buffers,
};
use std::{io, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    sync::oneshot,
};
use tokio_util::sync::CancellationToken;

/// Ends when the player closes its connection.
pub async fn serve(id: u64, stream: TcpStream, players: Arc<Players>, stop: CancellationToken) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let (greeting_in, greeting) = oneshot::channel();
    players.greet(id, greeting);
    if let Some(name) = lines.next_line().await? {
        let _ = greeting_in.send(name);
    }
    let mut player = players.connect(id, Buffers::default());
    while let Some(line) = lines.next_line().await? {
        let clip = Clip { name: line.clone(), frames: vec![line.clone().into_bytes()] };
        let answer = match line.as_str() {
            "safe" => {
                player = players.connect_guarded(id, Buffers::default());
                player.id
            }
            "open" => Channel::open().join(),
            "timer" => Channel::open_with_timer().join(),
            "briefly" => {
                Channel::open().report_for(Duration::from_secs(5)).await;
                0
            }
            "quiet" => QuietChannel::open().join() + QuietChannel::open_until(stop.clone()).join(),
            "record" => record(clip),
            "advert" => u64::from(Advert::show(clip.frames).was_skipped()),
            "skip" => {
                let _advert = SkippedAdvert::show(clip.name);
                0
            }
            "subtitles" => {
                let mut subtitles = Subtitles::load();
                subtitles.stop();
                subtitles.count()
            }
            "guarded" => {
                let mut subtitles = GuardedSubtitles::load();
                subtitles.stop();
                subtitles.count()
            }
            "keep" => {
                let (recording, _writer) = Recording::start_guarded();
                recording.add(line.into_bytes());
                0
            }
            "one" => clip::transcode_one(clip).await as u64,
            "all" => clip::transcode_all(vec![clip.clone(), clip]).await as u64,
            "later" => {
                clip::transcode_in_background(clip.clone());
                clip::transcode_in_one_task(clip);
                0
            }
            "chat" => talk(line),
            _ => continue,
        };
        writer.write_all(format!("{answer}\n").as_bytes()).await?;
    }
    println!("{} is gone", player.id);
    Ok(())
}

fn talk(line: String) -> u64 {
    let chat = Chat::open();
    chat.count();
    chat.count_weakly();
    chat.log();
    chat.log_while_open();
    for moderator in [chat::moderate(), chat::moderate_weakly()] {
        let _ = moderator.try_send(line.clone());
    }
    chat.say(line)
}

fn record(clip: Clip) -> u64 {
    let recording = Recording::start();
    clip.frames.into_iter().for_each(|frame| recording.add(frame));
    0
}
