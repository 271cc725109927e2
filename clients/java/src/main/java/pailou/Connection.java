package pailou;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A {@link Session} on a socket: one thread reads, one writes, and a shared one wakes it when something is due.
 *
 * <p>The session is entered by one thread at a time. What it has to tell is told after it was left, so whoever is told
 * may come back with a new call.
 */
final class Connection {
    private static final int READ_OCTETS = 65_536;
    private static final int WRITE_OCTETS = 65_536;

    private final Socket socket;
    /** Below TLS, the socket that can be closed while another thread is in a write. */
    private final Socket transport;
    private final Session session;
    private final ScheduledExecutorService timers;
    /** Told once the socket is closed. */
    private final Runnable ended;
    private final Object lock = new Object();
    /** What is to be told when the session is left. */
    private List<Runnable> news = new ArrayList<>();
    private long timerAt = Request.NEVER;
    private boolean isWriting;
    /** The call whose last octets end the present write, or null. */
    private Call lastWritten;

    Connection(Sockets.Link link, Settings settings, SessionListener listener, ScheduledExecutorService timers, Runnable ended) {
        this.socket = link.socket();
        this.transport = link.transport();
        this.ended = ended;
        this.timers = timers;
        this.session = new Session(settings, listener, action -> news.add(action));
    }

    void start(String name) {
        enter(() -> session.opened(Clock.now()));
        daemon("pailou-read-" + name, this::read);
        daemon("pailou-write-" + name, this::write);
    }

    static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    boolean isOpen() {
        synchronized (lock) {
            return session.state() == Session.State.OPEN;
        }
    }

    boolean isNegotiated() {
        synchronized (lock) {
            return session.isNegotiated();
        }
    }

    Set<String> features() {
        synchronized (lock) {
            return Set.copyOf(session.features());
        }
    }

    boolean endedOnHello() {
        synchronized (lock) {
            return session.endedOnHello();
        }
    }

    /** The call's sink is told how it goes on, perhaps before this returns. */
    void submit(Call call) {
        enter(() -> session.submit(call, Clock.now()));
    }

    void giveUp(Call call, String reason) {
        enter(() -> session.giveUp(call, Clock.now(), reason));
    }

    void consumed(Call call) {
        enter(() -> session.consumed(call));
    }

    void tell(String method, String params) {
        enter(() -> session.tell(method, params));
    }

    /** Ends it at once; calls under way fail with this error. */
    void close(RpcException error) {
        enter(() -> session.ended(error));
        closeSocket();
    }

    private void enter(Runnable step) {
        List<Runnable> told;
        synchronized (lock) {
            step.run();
            told = left();
        }
        told.forEach(Runnable::run);
    }

    /** After every step: wakes the writer, sets the timer, and hands out what is to be told. */
    private List<Runnable> left() {
        lock.notifyAll();
        long wakeAt = session.wakeAt();
        if (wakeAt < timerAt && session.state() != Session.State.OVER) {
            timerAt = wakeAt;
            timers.schedule(() -> wake(wakeAt), Math.max(0, wakeAt - Clock.now()), TimeUnit.NANOSECONDS);
        }
        if (news.isEmpty()) {
            return List.of();
        }
        List<Runnable> told = news;
        news = new ArrayList<>();
        return told;
    }

    private void wake(long scheduled) {
        enter(() -> {
            if (timerAt == scheduled) {
                timerAt = Request.NEVER;
                session.advance(Clock.now());
            }
        });
    }

    private void read() {
        byte[] octets = new byte[READ_OCTETS];
        RpcException end = null;
        try {
            InputStream input = socket.getInputStream();
            for (int count; (count = input.read(octets)) >= 0; ) {
                int received = count;
                enter(() -> session.received(octets, received, Clock.now()));
            }
        } catch (IOException error) {
            end = RpcException.connectionLost(error, false);
        }
        closeSocket();
        untilWritten();
        RpcException reason = end;
        enter(() -> session.ended(reason));
        ended.run();
    }

    /** The socket is closed: what is being written will fail or is done, and says so before the calls are told. */
    private void untilWritten() {
        synchronized (lock) {
            try {
                while (isWriting) {
                    lock.wait();
                }
            } catch (InterruptedException error) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void write() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(WRITE_OCTETS);
        try {
            while (gatherAll(octets)) {
                octets.writeTo(socket.getOutputStream());
                octets.reset();
                writing(false);
            }
        } catch (IOException error) {
            enter(() -> {
                notWritten();
                session.ended(RpcException.connectionLost(error, false));
            });
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
        }
        closeSocket();
    }

    /** Waits for something to write and takes up to 64 KiB of it; false when there will be nothing any more. */
    private boolean gatherAll(ByteArrayOutputStream octets) throws InterruptedException {
        synchronized (lock) {
            for (;;) {
                gather(octets);
                if (octets.size() > 0 || session.state() == Session.State.OVER) {
                    isWriting = octets.size() > 0;
                    return isWriting;
                }
                lock.wait();
            }
        }
    }

    /**
     * A call counts as written from before the write: its reply may be here before the write returns. When the write
     * fails, of the last call in it it is certain that it did not leave whole.
     */
    private void gather(ByteArrayOutputStream octets) {
        lastWritten = null;
        for (Outbox.Output output; octets.size() < WRITE_OCTETS && (output = session.nextOutput(Clock.now())) != null; ) {
            octets.writeBytes(output.octets());
            lastWritten = output.completes();
            if (lastWritten != null) {
                lastWritten.isWritten = true;
            }
        }
    }

    private void notWritten() {
        if (lastWritten != null) {
            lastWritten.isWritten = false;
        }
        isWriting = false;
    }

    private void writing(boolean isWriting) {
        synchronized (lock) {
            this.isWriting = isWriting;
            lock.notifyAll();
        }
    }

    private void closeSocket() {
        try {
            transport.close();
        } catch (IOException error) {
            // It is gone either way.
        }
    }
}
