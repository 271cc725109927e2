import ArgumentParser
import RPC

/// Makes a token; the program keeps nothing of it.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make a bearer token or API key, and the line by which a server knows it.",
        discussion: """
            The first line on standard output is the token: it is shown this once, give it to its caller. The second \
            belongs into the file of rpc.tokensFile (RPC ports) or facades.NAME.keysFile (REST), behind it any scopes.
            """)

    @Argument(help: "Who will show it: \(CallerName.allowed).")
    var name: String

    func validate() throws {
        guard CallerName.isAcceptable(name) else { throw ValidationError("\(name): expected \(CallerName.allowed)") }
    }

    func run() {
        let token = FreshToken.make()
        print(token)
        print(name, TokenHash(of: token).hex)
    }
}
