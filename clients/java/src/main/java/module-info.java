/** Client of pailou's wire: JSON-RPC 2.0 in length-prefixed frames over TCP. */
module pailou {
    exports pailou;
}
