/// A request that is answered by one JSON text: everything it needs is in the base class.
final class JSONExchange: FacadeExchange {}
