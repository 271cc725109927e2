package pailou;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Fills a file beside its path, which takes its name only when all octets are on the disk. */
final class Download {
    private static final int READ_OCTETS = 65_536;

    /** Begins the stream, each time from its start. */
    interface Start {
        ByteStream stream() throws InterruptedException;
    }

    private final Path path;
    private final Attempts attempts;
    private final PailouClient.DownloadProgress onProgress;
    private final Start start;

    Download(Path path, Attempts attempts, PailouClient.DownloadProgress onProgress, Start start) {
        this.path = path.toAbsolutePath();
        this.attempts = attempts;
        this.onProgress = onProgress;
        this.start = start;
    }

    Content run() throws IOException, InterruptedException {
        String random = Long.toHexString(ThreadLocalRandom.current().nextLong());
        Path part = path.resolveSibling("." + path.getFileName() + "." + random + ".part");
        try {
            Content content;
            try (FileChannel file = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content = fill(file);
                file.force(true);
            }
            Files.move(part, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return content;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** A stream that breaks is read again from its start, as far as the call may be tried again. */
    private Content fill(FileChannel file) throws IOException, InterruptedException {
        for (;;) {
            try (ByteStream stream = start.stream()) {
                copy(stream, file);
                return stream.content();
            } catch (IOException error) {
                if (!(error.getCause() instanceof RpcException failure)) {
                    throw error;
                }
                pause(failure);
            } catch (RpcException failure) {
                pause(failure);
            }
            file.truncate(0).position(0);
        }
    }

    private void pause(RpcException failure) throws InterruptedException {
        long delay = attempts.again(failure);
        if (delay < 0) {
            throw failure;
        }
        TimeUnit.NANOSECONDS.sleep(delay);
    }

    private void copy(ByteStream stream, FileChannel file) throws IOException {
        byte[] octets = new byte[READ_OCTETS];
        long total = 0;
        for (int count; (count = stream.read(octets)) >= 0; ) {
            ByteBuffer buffer = ByteBuffer.wrap(octets, 0, count);
            while (buffer.hasRemaining()) {
                file.write(buffer);
            }
            total += count;
            if (onProgress != null) {
                onProgress.at(total, stream.content().size());
            }
        }
    }
}
