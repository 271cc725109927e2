package pailou;

/** Hears what becomes of a connection; each word once. */
interface SessionListener {
    /** @param error null when calls can be made */
    void greeted(RpcException error);

    void retired();
}
