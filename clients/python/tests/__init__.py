import logging

# Loops of tests run in debug mode, which tells of every turn above 100 ms: on a busy machine that is noise.
logging.getLogger("asyncio").setLevel(logging.ERROR)
