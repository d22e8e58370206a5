use session::{
    Adverts, Channel, Chat, GuardedAdverts, Players, QuietChannel, Recording, advert, chat,
    clip::{self, Clip},
    player::Buffers,
};
use std::{io, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    sync::{mpsc, oneshot},
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
            "adverts" => advertise(id, stop.clone()).await,
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

async fn advertise(id: u64, stop: CancellationToken) -> u64 {
    let (shown, guarded) = (Adverts::show(id), GuardedAdverts::show(id));
    advert::count_views(id);
    advert::count_views_until(id, &stop);
    let _ = advert::preview(id).await | advert::preview_guarded(id).await;
    advert::tease(id);
    let _teaser = advert::tease_while(id);
    advert::measure(id).await;
    advert::measure_until(id, stop).await;
    let (names, inbox) = mpsc::channel(4);
    let (more_names, more) = mpsc::channel(4);
    for names in [names, more_names] {
        let _ = names.send(format!("advert for {id}")).await;
    }
    advert::render_all(inbox).await;
    advert::render_all_and_forget(more).await;
    shown.player() + guarded.player()
}

fn record(clip: Clip) -> u64 {
    let recording = Recording::start();
    clip.frames.into_iter().for_each(|frame| recording.add(frame));
    0
}
