/**
 * Client of pailou's wire: JSON-RPC 2.0 in length-prefixed frames over TCP.
 *
 * <p>{@link pailou.PailouClient} is where to begin. Below it, from the outside in: {@code Attempts} tries a call again,
 * {@code Connector} keeps a connection, {@code Connection} is its socket, and {@code Session} with {@code Calls} is the
 * protocol itself, without socket, thread and clock.
 */
package pailou;
