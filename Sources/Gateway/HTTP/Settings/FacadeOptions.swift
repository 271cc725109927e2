/// What one façade is set to, beside what holds for the whole gateway; plain values with defaults.
package struct FacadeOptions: Sendable {
    /// Origins (`https://console.example`) whose pages may read answers and send unsafe requests.
    package var allowedOrigins: [String] = []

    /// Request fields that those pages may send, beside those that façades and their guards look at.
    package var allowedHeaders: [String] = []

    /// Who may call, and how often.
    package var callers = FacadeGuardOptions()

    /// The defaults.
    package init() {}
}
