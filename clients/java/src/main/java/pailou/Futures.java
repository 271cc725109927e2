package pailou;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** How futures of this package end. */
final class Futures {
    private Futures() {}

    /** What a stage failed with, without what futures wrap around it. */
    static Throwable cause(Throwable error) {
        return error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    }

    /** Waits on a thread of this package's own, which nobody interrupts. */
    static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException error) {
            throw unchecked(error.getCause());
        }
    }

    /** Waits for a caller; when it is interrupted, the call is cancelled. */
    static <T> T await(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (InterruptedException error) {
            future.cancel(false);
            throw error;
        } catch (ExecutionException error) {
            throw unchecked(error.getCause());
        }
    }

    /** The error with the caller's own stack behind it: that of the thread that failed says little. */
    static RuntimeException unchecked(Throwable cause) {
        if (cause instanceof RpcException error) {
            error.addSuppressed(new CallSite());
            return error;
        }
        if (cause instanceof RuntimeException error) {
            return error;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof CancellationException cancelled ? cancelled : new CompletionException(cause);
    }

    /** Where the call was made that failed on another thread. */
    private static final class CallSite extends Exception {
        private static final long serialVersionUID = 1;

        CallSite() {
            super("the call was made here");
        }
    }
}
