#!/usr/bin/env escript
%%! -noinput
%% A plain client: Erlang's sockets with {packet, 4}, nothing of ours.
%%
%%     escript plain_client.escript HOST PORT PID
%%
%% checks what the wire specification promises such a client (P1 to P12) against a server of the demo methods whose
%% process id is PID; the last check ends it. Prints one line a check; exits with 1 if one of them fails.

-mode(compile).
-define(MILLISECONDS_MAX, 20000).
-define(FRAME_BYTES_MAX, 8388608).

main([Host, Port, Pid]) ->
    Checks = [
        {"p1 needs no hello", fun p1/1},
        {"p2 receives only replies to its own requests", fun p2/1},
        {"p3 gets replies with three members and no others", fun p3/1},
        {"p4 gets replies in any order with the octets of their ids", fun p4/1},
        {"p5 sends batches", fun p5/1},
        {"p6 sends one octet at a time", fun p6_octets/1},
        {"p6 sends 64 frames in one segment", fun p6_segment/1},
        {"p7 closes its half and still gets its replies", fun p7/1},
        {"p8 is told a limit before the connection closes", fun p8/1},
        {"p9 has the methods' own timeouts and no meta", fun p9/1},
        {"p11 cancels unannounced", fun p11/1},
        {"p12 gets long lists in parts it can take", fun p12/1},
        {"p10 gets its replies from a server that stops", fun(Socket) -> p10(Socket, Pid) end}
    ],
    Failures = [failed || Check <- Checks, not passes(Host, list_to_integer(Port), Check)],
    io:format("~b of ~b checks passed~n", [length(Checks) - length(Failures), length(Checks)]),
    halt(case Failures of [] -> 0; _ -> 1 end);
main(_) ->
    io:format(standard_error, "usage: plain_client.escript HOST PORT PID~n", []),
    halt(64).

passes(Host, Port, {Name, Check}) ->
    {ok, Socket} = gen_tcp:connect(Host, Port, [binary, {packet, 4}, {active, false}, {nodelay, true}]),
    try
        Check(Socket),
        io:format("ok      ~s~n", [Name]),
        true
    catch
        _:Reason:Stack ->
            io:format("FAILED  ~s: ~tp ~tp~n", [Name, Reason, hd(Stack)]),
            false
    after
        gen_tcp:close(Socket)
    end.

%% The promises.

p1(Socket) ->
    send(Socket, call("1", "subtract", "[42,23]")),
    {#{<<"id">> := 1, <<"result">> := 19}, _} = reply(Socket).

p2(Socket) ->
    send(Socket, call("\"count\"", "demo.count", "{\"to\":5}")),
    send(Socket, note("update", "[1]")),
    send(Socket, call("\"echo\"", "demo.echo", "{\"a\":1}")),
    send(Socket, note("demo.count", "{\"to\":5}")),
    ok = gen_tcp:shutdown(Socket, write),
    Replies = maps:from_list([{maps:get(<<"id">>, R), maps:get(<<"result">>, R)} || {R, _} <- rest(Socket)]),
    Expected = #{<<"count">> => #{<<"counted">> => 5}, <<"echo">> => #{<<"a">> => 1}},
    Expected = Replies.

%% Every reply of every check is looked at; here one of each kind.
p3(Socket) ->
    send(Socket, call("1", "get_data", "[]")),
    send(Socket, call("2", "no.such.method", "[]")),
    Replies = [R || {R, _} <- [reply(Socket), reply(Socket)]],
    [[<<"error">>, <<"id">>, <<"jsonrpc">>], [<<"id">>, <<"jsonrpc">>, <<"result">>]] =
        lists:sort([lists:sort(maps:keys(R)) || R <- Replies]).

p4(Socket) ->
    send(Socket, call("\"slow\"", "demo.sleep", "{\"ms\":300}")),
    send(Socket, call("1.0", "get_data", "[]")),
    {_, First} = reply(Socket),
    {_, _} = binary:match(First, <<"\"id\":1.0">>),
    {#{<<"id">> := <<"slow">>}, _} = reply(Socket).

p5(Socket) ->
    Items = [call("1", "sum", "[1,2,4]"), note("notify_hello", "[7]"), "{\"foo\":\"boo\"}", call("2", "get_data", "[]")],
    send(Socket, ["[", lists:join(",", Items), "]"]),
    {Replies, _} = reply(Socket),
    [{1, 7}, {2, [<<"hello">>, 5]}, {null, -32600}] = lists:sort([{maps:get(<<"id">>, R), outcome(R)} || R <- Replies]).

p6_octets(Socket) ->
    ok = inet:setopts(Socket, [{packet, raw}]),
    [ok = gen_tcp:send(Socket, <<Octet>>) || <<Octet>> <= framed(call("1", "get_data", "[]"))],
    ok = inet:setopts(Socket, [{packet, 4}]),
    {#{<<"result">> := [<<"hello">>, 5]}, _} = reply(Socket).

p6_segment(Socket) ->
    Ids = lists:seq(0, 63),
    ok = inet:setopts(Socket, [{packet, raw}]),
    ok = gen_tcp:send(Socket, [framed(call(integer_to_list(N), "subtract", io_lib:format("[~b,1]", [N]))) || N <- Ids]),
    ok = inet:setopts(Socket, [{packet, 4}]),
    Replies = [reply(Socket) || _ <- Ids],
    Found = lists:sort([{maps:get(<<"id">>, R), maps:get(<<"result">>, R)} || {R, _} <- Replies]),
    Found = [{N, N - 1} || N <- Ids].

p7(Socket) ->
    send(Socket, call("1", "demo.sleep", "{\"ms\":200}")),
    send(Socket, call("2", "get_data", "[]")),
    ok = gen_tcp:shutdown(Socket, write),
    [2, 1] = [maps:get(<<"id">>, R) || {R, _} <- rest(Socket)].

p8(Socket) ->
    ok = inet:setopts(Socket, [{packet, raw}]),
    ok = gen_tcp:send(Socket, [<<(?FRAME_BYTES_MAX + 1):32>>, lists:duplicate(1000, ${)]),
    ok = inet:setopts(Socket, [{packet, 4}]),
    [{#{<<"id">> := null, <<"error">> := Error}, _}] = rest(Socket),
    #{<<"code">> := -32070, <<"data">> := #{<<"limit">> := ?FRAME_BYTES_MAX}} = Error.

p9(Socket) ->
    send(Socket, [
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"demo.sleep\",\"params\":{\"ms\":50},",
        "\"meta\":{\"timeout_ms\":1,\"stream\":{\"credit\":1}}}"
    ]),
    {#{<<"result">> := #{<<"slept_ms">> := 50}}, _} = reply(Socket).

p10(Socket, Pid) ->
    send(Socket, call("1", "demo.sleep", "{\"ms\":500}")),
    send(Socket, call("2", "get_data", "[]")),
    {#{<<"id">> := 2}, _} = reply(Socket),
    [] = os:cmd("kill -TERM " ++ Pid),
    [{#{<<"id">> := 1, <<"result">> := #{<<"slept_ms">> := 500}}, _}] = rest(Socket).

p11(Socket) ->
    send(Socket, call("\"a\"", "demo.sleep", "{\"ms\":60000}")),
    send(Socket, call("\"b\"", "demo.sleep", "{\"ms\":100}")),
    send(Socket, note("$/cancelRequest", "{\"id\":\"a\"}")),
    {#{<<"id">> := <<"a">>, <<"error">> := #{<<"code">> := -32051}}, _} = reply(Socket),
    {#{<<"id">> := <<"b">>, <<"result">> := #{<<"slept_ms">> := 100}}, _} = reply(Socket).

p12(Socket) ->
    Found = list_all(Socket, []),
    Found = lists:seq(1, 10000),
    send(Socket, call("1", "demo.list", "{\"max_bytes\":2000}")),
    {#{<<"result">> := #{<<"more">> := true}}, Text} = reply(Socket),
    true = byte_size(Text) > 1000 andalso byte_size(Text) < 2100.

list_all(Socket, Found) ->
    send(Socket, call("1", "demo.list", io_lib:format("{\"after\":~b}", [length(Found)]))),
    {#{<<"result">> := #{<<"items">> := Items, <<"more">> := More}}, Text} = reply(Socket),
    true = byte_size(Text) < 99999,
    All = Found ++ [maps:get(<<"number">>, Item) || Item <- Items],
    case More of
        true -> list_all(Socket, All);
        false -> All
    end.

%% Messages.

call(Id, Method, Params) ->
    ["{\"jsonrpc\":\"2.0\",\"id\":", Id, ",\"method\":\"", Method, "\",\"params\":", Params, "}"].

note(Method, Params) ->
    ["{\"jsonrpc\":\"2.0\",\"method\":\"", Method, "\",\"params\":", Params, "}"].

send(Socket, Json) ->
    ok = gen_tcp:send(Socket, Json).

framed(Json) ->
    Octets = iolist_to_binary(Json),
    <<(byte_size(Octets)):32, Octets/binary>>.

%% The next frame, checked to be a reply and nothing else (P3), and its octets.
reply(Socket) ->
    {ok, Text} = gen_tcp:recv(Socket, 0, ?MILLISECONDS_MAX),
    {checked(json(Text)), Text}.

%% All replies until the server ends the connection.
rest(Socket) ->
    case gen_tcp:recv(Socket, 0, ?MILLISECONDS_MAX) of
        {ok, Text} -> [{checked(json(Text)), Text} | rest(Socket)];
        {error, closed} -> []
    end.

checked(Batch) when is_list(Batch) ->
    [checked(Reply) || Reply <- Batch];
checked(#{<<"jsonrpc">> := <<"2.0">>, <<"id">> := _, <<"result">> := _} = Reply) when map_size(Reply) =:= 3 ->
    Reply;
checked(#{<<"jsonrpc">> := <<"2.0">>, <<"id">> := _, <<"error">> := Error} = Reply) when map_size(Reply) =:= 3 ->
    #{<<"code">> := Code, <<"message">> := <<_, _/binary>>} = Error,
    true = is_integer(Code),
    Reply.

outcome(#{<<"result">> := Result}) -> Result;
outcome(#{<<"error">> := #{<<"code">> := Code}}) -> Code.

%% JSON: this release of Erlang has no reader of its own.

json(Text) ->
    {Value, Rest} = value(space(Text)),
    <<>> = space(Rest),
    Value.

space(<<C, Rest/binary>>) when C =:= $\s; C =:= $\t; C =:= $\r; C =:= $\n -> space(Rest);
space(Text) -> Text.

value(<<"null", Rest/binary>>) -> {null, Rest};
value(<<"true", Rest/binary>>) -> {true, Rest};
value(<<"false", Rest/binary>>) -> {false, Rest};
value(<<$", Rest/binary>>) -> string(Rest, <<>>);
value(<<$[, Rest/binary>>) -> list(space(Rest), []);
value(<<${, Rest/binary>>) -> object(space(Rest), #{});
value(Text) -> number(Text, []).

list(<<$], Rest/binary>>, Items) ->
    {lists:reverse(Items), Rest};
list(Text, Items) ->
    {Item, Rest} = value(Text),
    case space(Rest) of
        <<$,, More/binary>> -> list(space(More), [Item | Items]);
        <<$], _/binary>> = End -> list(End, [Item | Items])
    end.

object(<<$}, Rest/binary>>, Members) ->
    {Members, Rest};
object(<<$", Text/binary>>, Members) ->
    {Name, AfterName} = string(Text, <<>>),
    <<$:, AfterColon/binary>> = space(AfterName),
    {Value, Rest} = value(space(AfterColon)),
    case space(Rest) of
        <<$,, More/binary>> -> object(space(More), Members#{Name => Value});
        <<$}, _/binary>> = End -> object(End, Members#{Name => Value})
    end.

string(<<$", Rest/binary>>, Text) -> {Text, Rest};
string(<<$\\, $u, Hex:4/binary, Rest/binary>>, Text) -> string(Rest, <<Text/binary, (binary_to_integer(Hex, 16))/utf8>>);
string(<<$\\, C, Rest/binary>>, Text) -> string(Rest, <<Text/binary, (escaped(C))>>);
string(<<C, Rest/binary>>, Text) -> string(Rest, <<Text/binary, C>>).

escaped($b) -> $\b;
escaped($f) -> $\f;
escaped($n) -> $\n;
escaped($r) -> $\r;
escaped($t) -> $\t;
escaped(C) when C =:= $"; C =:= $\\; C =:= $/ -> C.

number(<<C, Rest/binary>>, Digits) when C >= $0, C =< $9; C =:= $-; C =:= $+; C =:= $.; C =:= $e; C =:= $E ->
    number(Rest, [C | Digits]);
number(Rest, Digits) ->
    Text = lists:reverse(Digits),
    {try list_to_integer(Text) catch error:badarg -> list_to_float(Text) end, Rest}.
